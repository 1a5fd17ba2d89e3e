"""Each event once: Slack repeats those it believes lost, and more than one connection may carry it."""

from collections.abc import Awaitable, Callable

from slack_bolt import BoltResponse

from bot.slack.edge.payload import Payload, workspace_of
from storage.database import Database

STORED_ONCE = frozenset({"message", "app_mention"})
"""Their turn's source is unique already; noting them first would lose one whose process dies in between."""

Next = Callable[[], Awaitable[BoltResponse]]


def once(db: Database) -> Callable[..., Awaitable[BoltResponse]]:
    """Middleware that drops repeats, and makes sure that the workspace's row is there for all that follows."""
    known: set[str] = set()

    async def drop_repeats(body: Payload, next_: Next) -> BoltResponse:
        workspace, event_id = workspace_of(body), body.get("event_id")
        marked = bool(event_id) and body.get("event", {}).get("type") not in STORED_ONCE
        if workspace and (marked or workspace not in known):
            async with db.begin() as tables:
                await tables.workspaces.ensure(workspace)
                if marked and not await tables.handled.first_time(workspace, str(event_id)):
                    return BoltResponse(status=200)
            known.add(workspace)
        return await next_()

    return drop_repeats
