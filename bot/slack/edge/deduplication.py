"""Each request once: Slack repeats events that it believes lost, and somebody else may repeat what it signed."""

from collections.abc import Awaitable, Callable

from slack_bolt import BoltResponse
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.slack.edge.payload import Payload, workspace_of
from storage.database import Database

STORED_ONCE = frozenset({"message", "app_mention"})
"""Their turn's source is unique already; noting them first would lose one whose process dies in between."""

Next = Callable[[], Awaitable[BoltResponse]]


def once(db: Database) -> Callable[..., Awaitable[BoltResponse]]:
    """Middleware that drops repeats, and makes sure that the workspace's row is there for all that follows."""
    known: set[str] = set()

    async def drop_repeats(req: AsyncBoltRequest, body: Payload, next_: Next) -> BoltResponse:
        workspace, mark = workspace_of(body), _mark(req, body)
        if workspace and (mark or workspace not in known):
            async with db.begin() as tables:
                await tables.workspaces.ensure(workspace)
                if mark and not await tables.handled.first_time(workspace, mark):
                    return BoltResponse(status=200)
            known.add(workspace)
        return await next_()

    return drop_repeats


def _mark(request: AsyncBoltRequest, body: Payload) -> str:
    """What tells it from every other; empty where nothing has to. Slack signs each of its requests anew."""
    if event_id := body.get("event_id"):
        return "" if body.get("event", {}).get("type") in STORED_ONCE else str(event_id)
    signature = next(iter(request.headers.get("x-slack-signature", [])), "")
    return f"signed:{signature}" if signature else ""
