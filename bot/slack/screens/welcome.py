"""The first words to a member, and what they may try."""

from bot.slack.screens.blocks.elements import Block, actions, button, section
from bot.slack.screens.connecting import PICK
from bot.slack.screens.connections import CONNECT

HELLO = "Hello! I answer your questions with tools that you connect yourself, and I ask before I change anything."
FIRST = (
    "*A good first step:* connect *Time* with one click, then ask me «what time is it in Tokyo?»\n"
    "*Your own server:* `/mcp connect custom` takes the address of any MCP server; its token, if it has one, is asked "
    "for on a page of its own.\n"
    "*Somebody without Slack:* `/tempchat create` makes a chat link that lives for hours."
)
PROMPTS = (
    {"title": "What can you do?", "message": "What can you do, and which tools have I connected?"},
    {"title": "The time elsewhere", "message": "What time is it in Tokyo?"},
    {"title": "Make a chat link", "message": "Make a temporary chat link for a guest, for one day."},
)
ASK = "Yes? Ask me something in the same message, such as «what time is it in Tokyo?»"


def welcome(first_card: str = "time") -> list[Block]:
    connect = button("Connect Time", PICK, first_card, style="primary", label="Connect the Time tool")
    return [section(f":wave: {HELLO}"), section(FIRST), actions(connect, button("Connect something else", CONNECT))]
