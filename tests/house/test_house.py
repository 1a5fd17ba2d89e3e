"""How the parts are put together."""

from datetime import date

import pytest

from bot.house import NO_SANDBOX, _cards, _warn_of_model
from bot.settings import Settings
from mcp_runtime.sandbox import Sandbox

NEEDED = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_APP_TOKEN": "xapp-1-a", "GEMINI_API_KEY": "key"}


async def test_a_card_whose_program_runs_without_a_sandbox_says_so() -> None:
    settings = Settings.read(NEEDED | {"MCP_SANDBOX_ENABLED": "false"})

    cards = {card.name: card for card in await _cards(settings, Sandbox(enabled=False))}

    assert NO_SANDBOX in cards["time"].notes
    assert NO_SANDBOX not in cards["custom"].notes


@pytest.mark.parametrize(
    ("chosen", "today", "warned"),
    [
        ({"GEMINI_MODEL": "gemini-2.5-flash"}, date(2026, 11, 30), False),
        ({"GEMINI_MODEL": "gemini-2.5-flash"}, date(2026, 12, 1), True),
        ({}, date(2026, 12, 1), False),
    ],
)
def test_who_set_a_model_whose_time_is_over_is_told_at_the_start(
    chosen: dict[str, str], today: date, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    _warn_of_model(Settings.read(NEEDED | chosen), today)
    assert ("shut down on 2026-12-01; gemini-3.5-flash-lite is asked instead" in caplog.text) is warned
