"""What has become of a member's pinned tools since they were accepted."""

from collections.abc import Iterable, Iterator
from typing import Any

from mcp_runtime.tools.pins import Offered
from storage.tables import Connection, PinnedTool

SHOWN = ("title", "description", "hinted_reading")
"""Of a tool, made fit for people."""
AS_BEFORE = ("workspace_id", "connection_id", "name", "definition_json", "pin")


def pinned(connection: Connection, tool: Offered, policy: str = "ask") -> PinnedTool:
    """The row of a tool that is accepted as it is offered now."""
    return _row(connection, tool, policy=policy, definition_json=tool.definition_json, pin=tool.pin, state="accepted")


def unseen(connection: Connection, tool: Offered) -> PinnedTool:
    """The row of a tool that a known server has added: nothing of it was accepted."""
    waits = {"offered_json": tool.definition_json, "offered_pin": tool.pin, "state": "set_aside"}
    return _row(connection, tool, policy="ask", definition_json="{}", pin="", **waits)


def never_accepted(row: PinnedTool) -> bool:
    return not row.pin


def changed(
    connection: Connection, known: Iterable[PinnedTool], now: Iterable[Offered], *, connecting: bool = False
) -> Iterator[PinnedTool]:
    """The rows to save, one by one: changed and new tools set aside, vanished ones gone, returned ones taken back.

    ``connecting``: its member has it lead to another server now, and new tools are taken with it, as at first.
    A row holds only what changes, so that a policy which its member is setting meanwhile is left alone.
    """
    rows = {row.name: row for row in known}
    fresh = {tool.name: tool for tool in now}
    added = pinned if connecting else unseen
    for row in rows.values():
        if (change := _of_known(row, fresh.get(row.name))) is not None:
            yield change
    yield from (added(connection, tool) for tool in fresh.values() if tool.name not in rows)


def _of_known(row: PinnedTool, tool: Offered | None) -> PinnedTool | None:
    if tool is None:
        return None if row.state == "gone" else _moved(row, "gone")
    shown: dict[str, Any] = {name: getattr(tool, name) for name in SHOWN}
    if tool.pin == row.pin:
        same = row.state == "accepted" and all(getattr(row, name) == value for name, value in shown.items())
        return None if same else _moved(row, "accepted", **shown)
    if row.state == "set_aside" and row.offered_pin == tool.pin:
        return None
    waits = {"offered_json": tool.definition_json, "offered_pin": tool.pin}
    return _moved(row, "set_aside", **waits, **(shown if never_accepted(row) else {}))


def _row(connection: Connection, tool: Offered, **values: Any) -> PinnedTool:
    shown = {name: getattr(tool, name) for name in SHOWN}
    settled = {"offered_json": None, "offered_pin": None, **values}
    ours = {"workspace_id": connection.workspace_id, "connection_id": connection.id, "name": tool.name}
    return PinnedTool.of({**ours, **shown, **settled})


def _moved(row: PinnedTool, state: str, **values: Any) -> PinnedTool:
    as_before = {name: getattr(row, name) for name in AS_BEFORE}
    return PinnedTool.of({**as_before, "state": state, "offered_json": None, "offered_pin": None, **values})


def instructions_heard(connection: Connection, heard: str) -> dict[str, str | None]:
    """The columns to change: what differs from what was accepted waits, and what is as it was is used again."""
    if connection.instructions is None:
        return {"instructions": heard, "instructions_offered": None}
    offered = None if heard == connection.instructions else heard
    return {} if offered == connection.instructions_offered else {"instructions_offered": offered}
