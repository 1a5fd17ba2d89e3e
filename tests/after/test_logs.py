"""Run after the whole suite, over all that it logged: no token, cookie value, secret or message text in any log."""

import re

import pytest

from tests.support.evidence import logs, secrets
from tests.support.requirements import require

SHAPES = {
    "link, session or ticket token": re.compile(r"\bt[csk]_[A-Za-z0-9_-]{20,}"),
    "Slack token": re.compile(r"\bx(?:ox[a-z]|app)-[A-Za-z0-9-]{6,}"),
    "bearer value": re.compile(r"(?i)\bbearer\s+[A-Za-z0-9._~+/-]{8,}"),
    "link's whole id": re.compile(r"\blink=[0-9a-f-]{36}|/temp-chat/sessions/[0-9a-f]{8}-"),
    "Gemini key": re.compile(r"\bAIza[A-Za-z0-9_-]{20,}"),
}


@pytest.fixture(scope="module")
def logged() -> dict[str, str]:
    found = {path.name: path.read_text(errors="replace") for path in logs()}
    require(bool(found), "no logs: run the whole suite first (make test)")
    return found


def test_the_suite_left_logs_and_named_secrets_to_look_for(logged):
    assert sum(map(len, logged.values())) > 1000
    assert len(secrets()) >= 10


@pytest.mark.parametrize("kind", SHAPES)
def test_no_log_holds_anything_shaped_like_a_secret(logged, kind):
    found = {name: len(SHAPES[kind].findall(text)) for name, text in logged.items() if SHAPES[kind].search(text)}

    assert found == {}


def test_no_log_holds_a_secret_or_a_message_of_the_run(logged):
    found = {(name, secret[:4] + "…") for name, text in logged.items() for secret in secrets() if secret in text}

    assert found == set()
