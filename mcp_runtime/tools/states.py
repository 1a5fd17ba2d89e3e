"""How each of a member's connections is, in a line for the model."""

from collections.abc import Collection, Iterable, Sequence

from mcp_runtime.states import State, state_of
from mcp_runtime.tools.changes import never_accepted
from storage.tables import Connection, PinnedTool

MOST_REASONS = 3


OF_STATE = {
    State.NEEDS_SIGN_IN: "{title} {state}: its owner has to sign in to it again, in Usher's Home tab.",
    State.PAUSED: "{title} is {state} by its owner, who can resume it in Usher's Home tab. None of its tools is there.",
    State.NOT_PERMITTED: "{title} is {state}: this installation does not let it be used. None of its tools is there.",
}


FORBIDDEN = (
    "{title} is not there: administrators of this workspace have forbidden its service. None of its tools can be"
    " called; they can allow it again."
)


def states(connections: Iterable[Connection], rows: Iterable[PinnedTool], barred: Collection[str] = ()) -> list[str]:
    """Of all of them, also of those without a tool that could be called; ``barred`` are ids of what may not be used."""
    by_id: dict[str, list[PinnedTool]] = {}
    for row in rows:
        by_id.setdefault(row.connection_id, []).append(row)
    return [
        " ".join(_told(each, state_of(each, permitted=each.id not in barred), by_id.get(each.id, [])))
        for each in connections
    ]


def usable(connections: Iterable[Connection], barred: Collection[str]) -> list[Connection]:
    """Those whose tools may be offered."""
    return [each for each in connections if state_of(each, permitted=each.id not in barred).offers_tools]


def said(connections: Iterable[Connection]) -> list[tuple[str, str]]:
    """Title and words of each server that says how to use its tools, as its member accepted them."""
    return [(each.title, each.instructions) for each in connections if each.instructions and unchanged(each)]


def unchanged(connection: Connection) -> bool:
    return connection.instructions_offered is None


def _told(connection: Connection, state: State, rows: Sequence[PinnedTool]) -> Iterable[str]:
    title = connection.title
    if connection.forbidden:
        yield FORBIDDEN.format(title=title)
        return
    if told := OF_STATE.get(state):
        yield told.format(title=title, state=state)
    elif state is State.NOT_ANSWERING:
        since = f"{connection.failing_since:%Y-%m-%d %H:%M} UTC" if connection.failing_since else ""
        yield f"{title} is {state.since(since)}: {connection.trouble}. It may work again: try it when you need it."
    else:
        yield f"{title} is {state}: {_tools(connection, rows)}."
    if not state.offers_tools:
        return
    waiting = [row for row in rows if row.state == "set_aside"]
    new = sum(never_accepted(row) for row in waiting)
    for number, one, many in ((new, "is new", "are new"), (len(waiting) - new, "has changed", "have changed")):
        if number:
            tools = f"1 tool {one} and waits" if number == 1 else f"{number} tools {many} and wait"
            yield f"{title}: {tools} for your yes: see its Tools in Usher's Home tab."
    if connection.wants_rights and connection.status == "connected":
        yield f"{title}: a tool lacks rights; its owner can sign in to it again, in Usher's Home tab, to allow them."
    if connection.instructions_offered:
        yield f"{title}: what it says about its tools has changed and waits for your yes, in its Tools in the Home tab."


def _tools(connection: Connection, rows: Sequence[PinnedTool]) -> str:
    there = [row for row in rows if row.state == "accepted"]
    usable = sum(row.policy != "off" for row in there)
    if usable:
        return "1 tool" if usable == 1 else f"{usable} tools"
    if there:
        return "all its tools are switched off"
    if connection.left_out:
        reasons = ", ".join(f"{name} ({why})" for name, why in connection.left_out[:MOST_REASONS])
        return f"none of its tools can be used: {reasons}"
    return "no tool can be used" if rows else "its server offers no tools"
