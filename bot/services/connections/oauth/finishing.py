"""The way back from a service: its answer is checked, becomes a grant, and that a connection that works."""

import asyncio
import logging
import secrets as random
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bot.errors import UserError
from bot.services.connections.editing.keeping import Edit, Keeping
from bot.services.connections.editing.values import EDITS
from bot.services.connections.entering.signing_in import ELSEWHERE, NOT_THERE, RENEWS, SigningIn
from bot.services.connections.oauth.asked import Asked
from bot.services.connections.oauth.flows import Flows
from bot.services.connections.oauth.offering import found_in
from bot.services.connections.oauth.values import FlowGone, Outcome
from bot.services.connections.saving import Also, Saving
from bot.services.connections.telling.failures import sentence
from bot.services.connections.values import Connected
from mcp_runtime.errors import ServerError
from mcp_runtime.oauth.errors import SignInRefused
from mcp_runtime.oauth.grants import FIELD, Grant, Pending, as_json, pending_from
from mcp_runtime.oauth.token_endpoint import check_issuer
from mcp_runtime.oauth.web_addresses import covers
from mcp_runtime.sessions.pool import Pool
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import OAuthFlow

log = logging.getLogger(__name__)

DENIED = "access_denied"
NOT_ALLOWED = (
    "{title} is not connected: you did not allow it at {host}. Nothing was changed. "
    "Sign in again if you want it after all."
)
FAILED = "{title} is not connected. {why} Nothing was changed."
BROKEN = (
    "Something went wrong on our side while the sign-in to {title} was finished. Look in `/mcp list` whether it is "
    "connected; if it is not, start again there. If it stays, tell your admin {reference}."
)


class Finishing:
    def __init__(
        self,
        db: Database,
        bus: Bus,
        pool: Pool,
        flows: Flows,
        saving: Saving,
        signing_in: SigningIn,
        asked: Asked,
        keeping: Keeping,
    ) -> None:
        self._db = db
        self._bus = bus
        self._pool = pool
        self._flows = flows
        self._saving = saving
        self._signing_in = signing_in
        self._asked = asked
        self._keeping = keeping
        self._under_way: set[asyncio.Task[Outcome]] = set()

    async def finish(self, state: str, browser: str, answer: Mapping[str, str]) -> Outcome:
        """With the service's answer; raises `FlowGone`. Whatever else goes wrong is told as an outcome.

        It goes on when the browser is closed meanwhile: a code is good once, and Slack waits for the outcome.
        """
        task = asyncio.create_task(self._finish(state, browser, answer), name="finish a sign-in")
        self._under_way.add(task)
        task.add_done_callback(self._over)
        return await asyncio.shield(task)

    def _over(self, task: "asyncio.Task[Outcome]") -> None:
        self._under_way.discard(task)
        if not task.cancelled() and not isinstance(error := task.exception(), (FlowGone, type(None))):
            log.error("a sign-in could not be finished", exc_info=error)

    async def _finish(self, state: str, browser: str, answer: Mapping[str, str]) -> Outcome:
        flow, kept = await self._flows.take(state, browser)
        payload, pending = kept["asked"], pending_from(kept["pending"])
        try:
            connected = await self._finished(flow, payload, pending, answer)
            outcome = Outcome(True, connected.sentence)
        except (UserError, ServerError) as error:
            outcome = Outcome(False, _told(error, payload))
            await self._tell_failed(flow, payload, outcome)
        except Exception:  # the code is used up and a window waits: whoever began it hears that it is over
            outcome = Outcome(False, _broken(payload))
            await self._tell_failed(flow, payload, outcome)
        await self._bus.tell("jobs")
        return outcome

    async def _tell_failed(self, flow: OAuthFlow, payload: Mapping[str, Any], outcome: Outcome) -> None:
        async with self._db.begin() as tables:
            await _tell(tables, flow, payload, ok=False, sentence=outcome.sentence, left=0)

    async def _finished(
        self, flow: OAuthFlow, payload: Mapping[str, Any], pending: Pending, answer: Mapping[str, str]
    ) -> Connected:
        title = payload["title"]
        check_issuer(title, pending, answer.get("iss"))
        if "error" in answer or not answer.get("code"):
            refused = SignInRefused(title)
            refused.code = answer.get("error", "")
            raise refused
        # Before there is a grant that would have to be ended again.
        await self._saving.permit(Member(flow.workspace_id, flow.member_id), payload["card"], title)
        grant = await self._pool.sign_ins.finish(title, pending, answer["code"], flow.workspace_id)
        try:
            return await self._kept(flow, payload, grant)
        except (UserError, ServerError):
            with suppress(ServerError):  # what leads to nothing here is ended there
                await self._pool.sign_ins.revoke(title, grant)
            raise

    async def _kept(self, flow: OAuthFlow, payload: Mapping[str, Any], grant: Grant) -> Connected:
        """Tried out first: what is saved works."""
        card, member = self._asked.card(payload), Member(flow.workspace_id, flow.member_id)
        spec = await self._asked.spec(payload, flow.workspace_id)
        if card is None or spec is None:
            raise UserError(NOT_THERE)
        if not covers(grant.resource, spec.url):  # edited while its member was away: that token is not for this server
            raise UserError(ELSEWHERE)
        offer = await self._pool.try_out(spec, {}, title=payload["title"], grant=grant, by=member)
        secrets = {FIELD: as_json(grant)}

        async def tell(tables: Tables, connected: Connected) -> None:
            await _tell(tables, flow, payload, ok=True, sentence=connected.sentence, **connected.shown)

        if (connection := await self._asked.connection(payload, flow.workspace_id)) is None:
            if payload.get(RENEWS):
                raise UserError(NOT_THERE)
            answers, title = card.filled(payload["values"]), payload["title"]
            return await self._saving.save(member, card, title, spec, offer, secrets, also=tell, answers=answers)
        if payload.get(EDITS):
            return await self._edited(Edit(connection, payload["title"], spec, payload["values"], offer, secrets), tell)
        async with self._db.begin() as tables:
            made = await self._signing_in.renew(tables, connection, offer, secrets, None, spec)
            await tell(tables, made)
        return made

    async def _edited(self, edit: Edit, tell: Also) -> Connected:
        ends = await self._keeping.old_grant(edit)
        async with self._db.begin() as tables:
            made = await self._keeping.keep(tables, edit, ends)
            await tell(tables, made)
        await self._pool.forget(edit.before.id)
        return made


def _told(error: UserError | ServerError, payload: Mapping[str, Any]) -> str:
    title = payload["title"]
    if isinstance(error, SignInRefused) and error.code == DENIED:
        return NOT_ALLOWED.format(title=title, host=found_in(payload).host)
    return FAILED.format(title=title, why=str(error) if isinstance(error, UserError) else sentence(error))


def _broken(payload: Mapping[str, Any]) -> str:
    """Called while the error is handled, which goes to the log alone."""
    reference = random.token_hex(4)
    log.exception("a sign-in could not be finished, reference %s", reference)
    return BROKEN.format(title=payload["title"], reference=reference)


async def _tell(tables: Tables, flow: OAuthFlow, payload: Mapping[str, Any], **outcome: Any) -> None:
    """Slack tells how it went; afterwards, ring the jobs."""
    workspace = flow.workspace_id
    told = {"workspace": workspace, "member": flow.member_id, "view": payload["view"], "signed_in": True, **outcome}
    await tables.jobs.add("connect_outcome", f"connect_outcome:{flow.id}", told, now(), workspace=workspace)
