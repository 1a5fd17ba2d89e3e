"""What the commands can do, and what is said to a word that they do not know."""

from collections.abc import Iterable, Mapping

from bot.slack.screens.blocks.elements import MAX_BUTTON, Block, actions, button, context, section
from bot.slack.screens.blocks.text import clipped, escaped
from bot.slack.screens.connections import listing as connections
from bot.slack.screens.links import listing as links
from run_cards import RunCard

RUN_MCP = "mcp.run"
RUN_TEMPCHAT = "tempchat.run"

Usage = Mapping[str, tuple[str, str]]
MCP: Usage = {
    "connect": ("connect [card]", "connect a tool"),
    "list": ("list", "your connections"),
    "tools": ("tools [connection]", "what a connection can do, what may run without asking, and a try"),
    "test": ("test [connection]", "whether it answers, and what is new"),
    "disconnect": ("disconnect [connection]", "end it; you can undo that for a minute"),
    "help": ("help", "this"),
}
TEMPCHAT: Usage = {
    "create": ("create [title]", "make a link that lives for hours"),
    "list": ("list", "your links"),
    "revoke": ("revoke [title]", "end a link and every chat on it, at once"),
    "help": ("help", "this"),
}
MCP_SHORTCUT, TEMPCHAT_SHORTCUT = "Connect a tool", "Create a chat link"
"""As the manifest calls them."""
ELSEWHERE = (
    "My *Home* tab has a button for all of this. *{shortcut}* is also among the shortcuts: press + or ⚡ beside the "
    "message field. Slack takes no commands inside threads{instead}."
)
IN_WORDS = ": there, ask me in your own words"
UNKNOWN = "I do not know that word."
REFUSED = (
    ":lock: That looks like a password or token, so I did nothing with it. Slack keeps what is typed after a command: "
    "if it was a real one, replace it where it came from. I never ask for one after a command."
)


def mcp(cards: Iterable[RunCard], first: str = "") -> list[Block]:
    names = ", ".join(f"`{escaped(card.name)}`" for card in cards)
    return [
        *([section(first)] if first else []),
        section("*Connect your own tools, then ask me in plain words to use them.*\n" + _listed("/mcp", MCP)),
        actions(connections.connect_button(), button("My connections", RUN_MCP, "list")),
        context(f"Cards: {names}. {_elsewhere(MCP_SHORTCUT)}"),
    ]


def tempchat(first: str = "") -> list[Block]:
    return [
        *([section(first)] if first else []),
        section("*Let somebody without Slack chat with me, for a few hours.*\n" + _listed("/tempchat", TEMPCHAT)),
        actions(links.create_button(), button("My links", RUN_TEMPCHAT, "list")),
        context(f"Guests get no tools unless you choose some. {_elsewhere(TEMPCHAT_SHORTCUT, IN_WORDS)}"),
    ]


def did_you_mean(command: str, verb: str, run: str, line: str) -> list[Block]:
    """``line`` is what the button runs, and says; the word that was mistyped is not repeated."""
    says = clipped(f"Yes, {command} {line}", MAX_BUTTON)
    yes = button(says, run, line[:2000], label=says)
    return [
        section(f"{UNKNOWN} Did you mean `{command} {verb}`?"),
        actions(yes),
        context(f"`{command} help` lists all I can do."),
    ]


def refused() -> list[Block]:
    return [section(REFUSED), actions(connections.connect_button(primary=False))]


def _elsewhere(shortcut: str, instead: str = "") -> str:
    return ELSEWHERE.format(shortcut=shortcut, instead=instead)


def _listed(command: str, words: Usage) -> str:
    return "\n".join(f"`{command} {usage}`  {does}" for usage, does in words.values())
