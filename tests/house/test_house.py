"""How the parts are put together."""

from bot.house import NO_SANDBOX, _cards
from bot.settings import Settings
from mcp_runtime.sandbox import Sandbox

NEEDED = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_APP_TOKEN": "xapp-1-a", "GEMINI_API_KEY": "key"}


async def test_a_card_whose_program_runs_without_a_sandbox_says_so() -> None:
    settings = Settings.read(NEEDED | {"MCP_SANDBOX_ENABLED": "false"})

    cards = {card.name: card for card in await _cards(settings, Sandbox(enabled=False))}

    assert NO_SANDBOX in cards["time"].notes
    assert NO_SANDBOX not in cards["custom"].notes
