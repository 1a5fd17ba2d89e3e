# Everything starts here: each target does its own set-up on a machine that has Python 3.11 or later.
# Paths are relative, so that the folder may lie anywhere; GNU make 3.81, which macOS brings, reads this file too.
# A Python that somebody names is taken as it is; else a newer one may stand in, and one that stands is kept.
EXACTLY := $(if $(strip $(PYTHON)),--exactly)
ifeq ($(EXACTLY),)
override PYTHON = $(shell for each in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$each -c '' >/dev/null 2>&1 && echo $$each && break; done)
endif
BIN := .venv/bin
NONE_HERE = 'Usher needs Python 3.11 or later, and there is none here: \
	install it (Debian, Ubuntu, WSL: sudo apt install python3 python3-venv; macOS: brew install python@3.13),\
	or name it: PYTHON=/path/to/python3.13'
NO_PROGRAM = "There is no program “$(PYTHON)”: PYTHON is the name or the path of a Python, without options"
BOOTSTRAP = command -v "$(PYTHON)" >/dev/null 2>&1 || \
	{ echo $(if $(EXACTLY),$(NO_PROGRAM),$(NONE_HERE)) >&2; exit 1; }; "$(PYTHON)" deploy/bootstrap
# Compiled files are kept: hundreds of processes start from them.
COMPILED = unset PYTHONDONTWRITEBYTECODE;

.PHONY: help try install test lint tests lock pictures clean ready ready-for-tests tests-compiled

help:
	@echo 'make try      a local Slack workspace in the browser, with Usher in it (no account, no key)'
	@echo 'make install  what running Usher needs, in .venv; says what to do next'
	@echo 'make test     every check and test; installs what it needs, REQUIRE_ALL=1 skips nothing'
	@echo 'make lint     format, lint, types and the floor plan only'
	@echo 'make tests    the tests only; ARGS="-k words" for some of them'
	@echo 'make pictures makes the pictures of the documents anew; look at each of them'
	@echo 'make lock     resolve the dependencies anew (needs uv); ARGS=--upgrade takes the newest'
	@echo 'make clean    remove what these commands made; keys, databases and the playground'\''s state stay'
	@echo 'PYTHON=/path/to/python3.13 chooses the Python.'

try: ready
	@sh .ci/packages bubblewrap
	@exec $(BIN)/usher try $(ARGS)

install: ready
	@sh .ci/packages bubblewrap
	@echo 'Usher is installed. Next:'
	@echo '  .venv/bin/usher slack create   makes its Slack app and fills .env (or do that by hand: docs/slack-setup.md)'
	@echo '  .venv/bin/usher doctor         checks all settings, one line each with the cure'
	@echo '  .venv/bin/usher                runs it'

test: ready-for-tests
	@sh .ci/packages bubblewrap chromium postgresql redis-server caddy nginx-light systemd dbus gnome-keyring npm
	@$(MAKE) --no-print-directory -j 2 lint tests-compiled
	@$(MAKE) --no-print-directory tests

lint: ready-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

tests: ready-for-tests
	@rm -rf test-results
	$(COMPILED) $(BIN)/pytest -q -n 6 --dist loadgroup --ignore tests/after $(ARGS)
	@# The logs of a whole run are looked through; some tests leave too few.
	$(if $(ARGS),,$(BIN)/pytest -q tests/after)

# Beside the type checker: else each worker would compile all tests for itself, while the others do the same.
tests-compiled: ready-for-tests
	@$(COMPILED) $(BIN)/pytest -q -n 0 --collect-only --ignore tests/after >/dev/null || true

ready:
	@$(BOOTSTRAP) run $(EXACTLY)

ready-for-tests:
	@$(BOOTSTRAP) tests $(EXACTLY)

lock:
	@$(BOOTSTRAP) lock $(ARGS)

pictures: ready-for-tests
	$(BIN)/python -m tests.e2e.pictures

clean:
	rm -rf .venv .venv-before build dist *.egg-info test-results .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
