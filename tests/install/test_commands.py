"""The commands that people type lead where they say: what ``make`` runs once all is installed."""

import subprocess

import pytest

from tests.install.clones import ROOT

LEADS_TO = {
    "try": ["deploy/bootstrap run", ".ci/packages bubblewrap\n", ".venv/bin/usher try"],
    "install": ["deploy/bootstrap run", ".ci/packages bubblewrap\n", ".venv/bin/usher doctor"],
    "test": [
        "deploy/bootstrap tests",
        ".ci/packages bubblewrap chromium-headless-shell chromium postgresql",
        ".venv/bin/ruff",
        ".venv/bin/pytest",
    ],
    "lint": ["deploy/bootstrap tests", ".venv/bin/ruff", ".venv/bin/mypy", ".venv/bin/lint-imports"],
    "tests": ["deploy/bootstrap tests", ".venv/bin/pytest"],
    "lock": ["deploy/bootstrap lock"],
}


@pytest.mark.parametrize("target", LEADS_TO)
def test_a_command_makes_ready_and_then_does_what_it_says(target):
    told = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    places = [told.find(step) for step in LEADS_TO[target]]
    assert -1 not in places, told
    assert places == sorted(places)


def test_what_decides_about_a_change_skips_nothing_and_takes_nothing_from_outside(tmp_path):
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "$@, in $PWD, REQUIRE_ALL=$REQUIRE_ALL, PYTHONPATH=$PYTHONPATH"\n')
    make.chmod(0o755)
    outside = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHONPATH": "/from/outside"}

    told = subprocess.run(
        ["sh", ROOT / ".ci" / "run"], cwd="/", env=outside, capture_output=True, text=True, check=True
    )

    assert told.stdout == f"test, in {ROOT}, REQUIRE_ALL=1, PYTHONPATH=\n"
