"""What has become of a member's pinned tools since they were accepted."""

from collections.abc import Iterable
from typing import Any

from mcp_runtime.tools.pins import Offered, pin_of
from storage.tables import Connection, PinnedTool


def pinned(connection: Connection, tool: Offered, policy: str = "ask") -> PinnedTool:
    """The row of a tool that is accepted as it is offered now."""
    return PinnedTool(
        workspace_id=connection.workspace_id,
        connection_id=connection.id,
        name=tool.name,
        title=tool.title,
        description=tool.description,
        definition=tool.definition,
        pin=tool.pin,
        offered=None,
        hinted_reading=tool.hinted_reading,
        policy=policy,
        state="accepted",
    )


def changed(connection: Connection, known: Iterable[PinnedTool], now: Iterable[Offered]) -> list[PinnedTool]:
    """The rows to save: changed tools set aside, vanished ones gone, returned ones taken back, new ones added.

    A row holds only what changes, so that a policy which its member is setting meanwhile is left alone.
    """
    rows = {row.name: row for row in known}
    fresh = {tool.name: tool for tool in now}
    changes = [_of_known(row, fresh.get(row.name)) for row in rows.values()]
    new = [pinned(connection, tool) for tool in fresh.values() if tool.name not in rows]
    return [row for row in changes if row is not None] + new


def _of_known(row: PinnedTool, tool: Offered | None) -> PinnedTool | None:
    if tool is None:
        return None if row.state == "gone" else _moved(row, "gone")
    if tool.pin == row.pin:
        shown: dict[str, Any] = {name: getattr(tool, name) for name in ("title", "description", "hinted_reading")}
        same = row.state == "accepted" and all(getattr(row, name) == value for name, value in shown.items())
        return None if same else _moved(row, "accepted", **shown)
    if row.state == "set_aside" and row.offered is not None and pin_of(row.offered) == tool.pin:
        return None
    return _moved(row, "set_aside", offered=tool.definition)


def _moved(row: PinnedTool, state: str, *, offered: dict[str, Any] | None = None, **shown: Any) -> PinnedTool:
    return PinnedTool(
        workspace_id=row.workspace_id,
        connection_id=row.connection_id,
        name=row.name,
        definition=row.definition,
        pin=row.pin,
        offered=offered,
        state=state,
        **shown,
    )


def instructions_heard(connection: Connection, heard: str) -> dict[str, str | None]:
    """The columns to change: what differs from what was accepted waits, and what is as it was is used again."""
    if connection.instructions is None:
        return {"instructions": heard, "instructions_offered": None}
    offered = None if heard == connection.instructions else heard
    return {} if offered == connection.instructions_offered else {"instructions_offered": offered}
