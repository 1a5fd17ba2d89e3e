import io
import logging
from collections.abc import Iterator

import pytest

from bot.running.logs import masked, set_up

TOKEN = "tc_" + "a" * 49


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What goes to standard error; logging is as before when the test is over."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers.clear()  # or they would be closed
    stream = io.StringIO()
    set_up("INFO", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (f"GET /temp-chat/{TOKEN} 200", "GET /temp-chat/tc_*** 200"),
        (f"ts_{'b' * 49} and tk_{'c' * 49}", "ts_*** and tk_***"),
        ("token xoxb-12-34-abc, xapp-1-A2-ff", "token xoxb-***, xapp-***"),
        ("Authorization: Bearer abc.def/ghi==", "Authorization: Bearer ***"),
        ("key=AIza" + "d" * 35, "key=AIza***"),
        ("wss://h/link/?ticket=abc-123&app_id=1", "wss://h/link/?ticket=***&app_id=1"),
        ("ghp_" + "e" * 36 + " github_pat_" + "f" * 30 + " sbp_" + "0" * 40, "ghp_*** github_pat_*** sbp_***"),
        ("https://h/mcp?a=1&api_key=abc&access_token=d#e", "https://h/mcp?a=1&api_key=***&access_token=***#e"),
        ("https://h/mcp?sig=a%2Fb&page=2", "https://h/mcp?sig=***&page=2"),
        ("https://h/mcp?keyboard=qwerty", "https://h/mcp?keyboard=qwerty"),
        ("DETAIL:  Key (slug)=(her notes) already exists.", "DETAIL:  ***"),
        ("invalid input for query argument $3: 'her note' (too long)", "invalid input for query argument $3: ***"),
        ("input_value='her note', input_type=str", "input_value=***, input_type=str"),
        ("postgresql+asyncpg://usher:pw@host/db", "postgresql+asyncpg://usher:***@host/db"),
        ("a turn took 12 ms on http://127.0.0.1:8080/healthz", "a turn took 12 ms on http://127.0.0.1:8080/healthz"),
    ],
)
def test_secrets_that_name_themselves_are_masked(said: str, left: str) -> None:
    assert masked(said) == left


def test_arguments_and_tracebacks_are_masked_too(logged: io.StringIO) -> None:
    try:
        raise RuntimeError(f"refused {TOKEN}")
    except RuntimeError:
        logging.getLogger("bot").exception("could not open %s", TOKEN)
    assert TOKEN not in logged.getvalue()
    assert logged.getvalue().count("tc_***") == 2


def test_a_line_says_when_how_grave_and_who(logged: io.StringIO) -> None:
    logging.getLogger("bot.running.turns.worker").warning("a turn was lost")
    assert logged.getvalue().endswith("WARNING bot.running.turns.worker: a turn was lost\n")


@pytest.mark.parametrize(
    "name", ["mcp.client.auth.oauth2", "mcp.client.stdio", "mcp.client.streamable_http", "client", "aiohttp.server"]
)
def test_libraries_that_log_raw_lines_are_silent(logged: io.StringIO, name: str) -> None:
    logging.getLogger(name).error("Failed to parse: my secret note")
    assert logged.getvalue() == ""
