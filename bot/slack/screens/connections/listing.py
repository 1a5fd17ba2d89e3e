"""A member's connections, with what can be done about each."""

from collections.abc import Sequence

from bot.services.connections.values import ConnectionView
from bot.slack.screens.blocks.elements import Block, View, actions, button, context, modal, option, overflow, section
from bot.slack.screens.blocks.paging import page_of
from bot.slack.screens.blocks.text import clipped, count, safe, when
from bot.slack.screens.connections import departures
from mcp_runtime.states import State
from mcp_runtime.tools.changes import never_accepted
from storage.repositories.mcp.usage import Use
from storage.tables import Connection

CONNECT = "connection.connect"
TEST = "connection.test"
TEST_ALL = "connection.test_all"
TOOLS = "connection.tools"
MENU = "connection.menu"
LEAVE = "connection.leave"
SIGN_IN = "connection.sign_in"
PAUSE = "connection.pause"
RESUME = "connection.resume"
PAGE = "connection.page"
EDIT = "connection.edit"

SIGN_IN_AGAIN = "Sign in again"
ICONS = {
    State.CONNECTED: ":white_check_mark:",
    State.NEEDS_SIGN_IN: ":key:",
    State.NOT_ANSWERING: ":warning:",
    State.PAUSED: ":double_vertical_bar:",
    State.NOT_PERMITTED: ":no_entry:",
}
NO_LONGER_HERE = "{why}. Your workspace's admins can change that."
TEST_WINDOW = "connection.test_window"
WINDOW, WINDOW_TITLE = "connection.window", "My connections"
NONE_YET = "Nothing is connected yet."
MOST_TO_CHOOSE, SHORT = 30, 60
"""Slack refuses a message whose texts are too long in sum, whatever each of them may be."""
PAGE_SIZE = 15
"""Up to two blocks each: Slack takes 50 in a message, and in the Home tab links need room too."""


def listed(
    views: Sequence[ConnectionView], page: int = 0, leaving: Sequence[Connection] = (), *, first: bool = True
) -> list[Block]:
    """For an ephemeral answer and for the Home tab alike; ``leaving`` can still be kept.

    ``first``: where there is none, to connect one is what should be done first here.
    """
    kept = [block for each in leaving[:PAGE_SIZE] for block in departures.disconnected_blocks(each)]
    if not views:
        return [
            *kept,
            section(f"{NONE_YET} A good first one is *Time*: it takes one click."),
            actions(connect_button(primary=first)),
        ]
    here = page_of(views, page, PAGE_SIZE)
    blocks = [block for view in here.items for block in row(view)]
    test_all = [button("Test all", TEST_ALL, label="Test all my connections")] if len(views) > 1 else []
    return [*kept, *blocks, *here.turned("connection", PAGE), actions(connect_button(primary=False), *test_all)]


def window(blocks: list[Block]) -> View:
    """The same list in a window of its own."""
    return modal(WINDOW_TITLE, blocks, callback_id=WINDOW)


def connect_button(*, primary: bool = True) -> Block:
    return button("Connect a tool", CONNECT, style="primary" if primary else "")


def row(view: ConnectionView) -> list[Block]:
    """A line with a menu; what mends it, when it needs that, is a button under it."""
    cures = {
        State.NEEDS_SIGN_IN: sign_in_button,
        State.NOT_ANSWERING: test_button,
        State.PAUSED: resume_button,
    }
    cure = cures.get(view.state, sign_in_button if view.connection.wants_rights else None)
    below = [actions(cure(view.connection))] if cure else []
    return [section(f"{state(view)}\n{_used(view.use)}", _menu(view)), *below]


def _asks_to_sign_in(view: ConnectionView) -> bool:
    """Or it lacks rights that its member can give it by signing in once more."""
    return view.state is State.NEEDS_SIGN_IN or bool(view.connection.wants_rights)


def _menu(view: ConnectionView) -> Block:
    """At most five, as Slack has it."""
    verbs = {"sign_in": SIGN_IN_AGAIN} if _asks_to_sign_in(view) else {"test": "Test it"}
    verbs |= {"tools": "Tools, and what may run", "edit": "Edit"}
    verbs |= {"resume": "Resume"} if view.state is State.PAUSED else {"pause": "Pause"}
    verbs |= {"disconnect": "Disconnect"}
    return overflow(MENU, [option(text, f"{verb}:{view.connection.id}") for verb, text in verbs.items()])


def chosen(value: str) -> tuple[str, str]:
    """What of the menu, and for which connection."""
    verb, _, connection_id = value.partition(":")
    return verb, connection_id


def _used(use: Use) -> str:
    if use.last is None:
        return "_Not used yet_"
    return f"_Last used {when(use.last)} · {count(use.calls, 'call')} in the last 7 days_"


def state(view: ConnectionView, most: int = 300) -> str:
    """How it is, in a line; ``most`` characters of its trouble."""
    connection = view.connection
    name = f"*{safe(connection.title, 80)}*"
    begun = when(connection.failing_since) if connection.failing_since else ""
    word = f"{ICONS[view.state]} {name} · {_capital(view.state.since(begun))}"
    if view.state is State.CONNECTED:
        return f"{word}: {_summary(view)}"
    if view.state is State.PAUSED:
        return f"{word}: I use none of its tools until you resume it."
    if view.state is State.NOT_PERMITTED:
        return f"{word}: {NO_LONGER_HERE.format(why=view.barred)}"
    cause = f"{connection.cause}: " if connection.cause else ""
    wait = f" I try again after {when(connection.retry_at)}." if connection.retry_at else ""
    return f"{word}: {cause}{safe(connection.trouble, most)}.{wait}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def resume_button(connection: Connection) -> Block:
    return button("Resume", RESUME, connection.id, label=f"Resume {connection.title}")


def sign_in_button(connection: Connection) -> Block:
    return button(SIGN_IN_AGAIN, SIGN_IN, connection.id, style="primary", label=f"Sign in again to {connection.title}")


def test_button(connection: Connection, *, named: bool = False) -> Block:
    """``named``: where no line says of which connection."""
    label = f"Test {connection.title}"
    return button(clipped(label, 40) if named else "Test", TEST, connection.id, label=label)


def _summary(view: ConnectionView) -> str:
    there = [tool for tool in view.tools if tool.state != "gone"]
    new = sum(tool.state == "set_aside" and never_accepted(tool) for tool in there)
    changed = sum(tool.state == "set_aside" for tool in there) - new
    told = count(len(there), "tool")
    kinds = " and ".join(f"{number} {kind}" for kind, number in (("new", new), ("changed", changed)) if number)
    waiting = f"{told}, {kinds} and waiting for you" if kinds else told
    if rights := view.connection.wants_rights:
        waiting += f". A tool lacks rights ({safe(rights, 200)}): sign in again to allow them"
    words = ". What its server says about them has changed and waits for you, under Tools"
    return waiting + (words if view.connection.instructions_offered else "")


def choose(views: Sequence[ConnectionView], doing: str, verb: str, action_id: str) -> list[Block]:
    """Which one is meant, when a command named none: one press does it, as the name in the command would have."""
    rows = [
        section(
            state(each, SHORT), button(verb, action_id, each.connection.id, label=f"{verb}: {each.connection.title}")
        )
        for each in views[:MOST_TO_CHOOSE]
    ]
    left = len(views) - len(rows)
    more = [context(f"{count(left, 'more connection')}: put the name behind the command.")] if left else []
    return [section(f"*{doing}*"), *rows, *more]


def to_sign_in(views: Sequence[ConnectionView]) -> list[Block]:
    """What a press mends, after a test; as many as a message takes."""
    return [block for view in views[:PAGE_SIZE] for block in row(view)]


def still_asking(titles: Sequence[str]) -> str:
    return f":hourglass_flowing_sand: Still asking: {', '.join(safe(title, 80) for title in titles)}."


def recovered(titles: Sequence[str]) -> str:
    return "\n".join(f":white_check_mark: {safe(title, 80)} works again." for title in titles)


def instead(told: str, views: Sequence[ConnectionView]) -> list[Block]:
    """After a name that nothing has: what may have been meant, or what there is. ``told`` is escaped already."""
    return [section(told), *listed(views)]
