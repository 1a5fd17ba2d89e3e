"""What comes from Slack is led to its workspace: with which token it is answered, and under which its rows are kept."""

import logging
import time
from collections.abc import Awaitable, Callable

from slack_bolt import BoltResponse
from slack_bolt.authorization import AuthorizeResult

from bot.services.watch.audit.beginning import begun
from bot.slack.edge.calls.acting_for import act_for
from bot.slack.edge.installations.tokens import Held, Tokens
from bot.slack.edge.payload import Payload, authorized_in, by_team, enterprise_of, installed_org_wide, workspace_of
from storage.database import Database

log = logging.getLogger(__name__)

NOTED_SECONDS = 600.0
Next = Callable[[], Awaitable[BoltResponse]]
Authorize = Callable[..., Awaitable[AuthorizeResult | None]]


def authorize(tokens: Tokens) -> Authorize:
    """For Bolt, which asks it before each listener; None lets nothing pass."""

    async def found(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        held = await tokens.of(team_id or enterprise_id or "", enterprise_id or "")
        return _as_bolt_wants(held) if held else None

    return found


def _as_bolt_wants(held: Held) -> AuthorizeResult:
    row = held.installation
    return AuthorizeResult(
        enterprise_id=row.enterprise_id or None,
        team_id=None if row.org_wide else row.workspace_id,
        bot_user_id=row.bot_user_id,
        bot_id=row.bot_id or None,
        bot_token=held.token,
        bot_scopes=row.scopes or None,
    )


def of_one_workspace() -> Callable[..., Awaitable[BoltResponse]]:
    async def led(body: Payload, next_: Next) -> BoltResponse:
        act_for(workspace_of(body))
        return await next_()

    return led


def of_many(db: Database, tokens: Tokens) -> Callable[..., Awaitable[BoltResponse]]:
    """Each team is a workspace by itself; of which organisation it is a part is noted, now and then anew."""
    known: dict[tuple[str, str], float] = {}

    async def led(body: Payload, next_: Next) -> BoltResponse:
        team, enterprise = by_team(body), enterprise_of(body)
        if team and enterprise and known.get((team, enterprise), 0.0) < time.monotonic():
            await _note(db, tokens, body, team, enterprise)
            known[team, enterprise] = time.monotonic() + NOTED_SECONDS
        act_for(team)
        return await next_()

    return led


async def _note(db: Database, tokens: Tokens, body: Payload, team: str, enterprise: str) -> None:
    """What an event's authorization says is Slack's own word. What stands beside a click may be the clicker's own
    organisation, in a channel that is shared with it: that is taken only where nothing is known yet."""
    by_authorization = enterprise in authorized_in(body)
    if not (by_authorization or installed_org_wide(body)) or await tokens.of(team, enterprise) is None:
        return
    await begun(db, team, "")
    async with db.begin() as tables:
        await tables.workspaces.part_of(team, enterprise, anew=by_authorization)
