# Everything starts here: each target does its own set-up on a machine that has Python ≥ 3.11.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: try test lint tests lock clean help

help:
	@echo 'make try    a local Slack workspace in the browser, with Usher in it (no account, no key)'
	@echo 'make test   every check and test; installs what it needs, REQUIRE_ALL=1 skips nothing'
	@echo 'make lint   format, lint, types and the floor plan only'
	@echo 'make lock   resolve the dependencies anew (needs uv)'

try: .venv/ready
	@sh .ci/packages bubblewrap
	@exec $(BIN)/usher try $(ARGS)

test: .venv/ready-for-tests
	@sh .ci/packages bubblewrap chromium postgresql
	@$(MAKE) --no-print-directory lint tests

lint: .venv/ready-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

tests: .venv/ready-for-tests
	@rm -rf test-results
	$(BIN)/pytest -q -n 2 --dist loadgroup --ignore tests/after $(ARGS)
	$(BIN)/pytest -q tests/after

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else \
	  f"Usher needs Python 3.11 or later; this is {sys.version.split()[0]}. Try: make $@ PYTHON=python3.12")'
	@echo 'Making a virtual environment in .venv …'
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/ready: .venv/made requirements.lock pyproject.toml
	@echo 'Installing Usher (about a minute the first time) …'
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --editable .
	@touch $@

.venv/ready-for-tests: .venv/ready requirements-dev.lock
	@echo 'Installing what the tests need …'
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

lock:
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --quiet pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --quiet --extra dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
