"""What the commands can do."""

from collections.abc import Sequence

from bot.slack.screens.blocks.elements import Block, context, section
from bot.slack.screens.blocks.text import escaped

MCP = {
    "connect": ("connect [card]", "connect a tool"),
    "list": ("list", "your connections"),
    "tools": ("tools [connection]", "what a connection can do, and what may run without asking"),
    "test": ("test [connection]", "whether it answers"),
    "disconnect": ("disconnect [connection]", "end it and forget its token"),
    "help": ("help", "this"),
}
TEMPCHAT = {
    "create": ("create [title]", "make a link that lives for hours"),
    "list": ("list", "your links"),
    "revoke": ("revoke [title]", "end a link and every chat on it, at once"),
    "help": ("help", "this"),
}
REFUSED = (
    ":lock: That looks like a password or token, so I did nothing with it. Slack keeps what is typed after a command: "
    "if it was a real one, replace it where it came from. I ask for tokens on a page of their own: `/mcp connect`."
)


def mcp(cards: Sequence[str]) -> list[Block]:
    names = ", ".join(f"`{escaped(name)}`" for name in cards)
    return [
        section("*Connect your own tools, then ask me in plain words to use them.*\n" + _listed("/mcp", MCP)),
        context(f"Cards: {names}. All of this is also in my Home tab and in the shortcuts menu."),
    ]


def tempchat() -> list[Block]:
    return [
        section("*Let somebody without Slack chat with me, for a few hours.*\n" + _listed("/tempchat", TEMPCHAT)),
        context("Guests get no tools unless you choose some. You can end a link at any time."),
    ]


def did_you_mean(command: str, nearest: str) -> str:
    everything = f"{command.split()[0]} help"
    return f"I do not know that word. Did you mean `{command} {nearest}`? `{everything}` lists all I can do."


def _listed(command: str, words: dict[str, tuple[str, str]]) -> str:
    return "\n".join(f"`{command} {usage}`  {does}" for usage, does in words.values())
