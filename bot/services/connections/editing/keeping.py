"""An edit is saved whole: name, server, answers, tools and secrets, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from bot.errors import UserError
from bot.services.cards.shelf import SHARED
from bot.services.connections.editing.values import changes_between, same_place
from bot.services.connections.entering.sign_in_notes import follow_note
from bot.services.connections.entering.signing_in import NOT_THERE
from bot.services.connections.saving import OUTSIDE, Saving
from bot.services.connections.values import Connected
from bot.services.limits.policies import permit
from mcp_runtime.left_out import as_rows
from mcp_runtime.oauth.grants import Grant
from mcp_runtime.sessions.pool import Offer
from mcp_runtime.specs import HttpSpec, Secrets, ServerSpec, as_json, from_json
from mcp_runtime.tools.changes import changed, instructions_heard
from mcp_runtime.transports.fair_turns import unhurried
from run_cards.seeds import USE
from storage.database import Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Connection

MEANWHILE = "This connection was changed meanwhile, so nothing was saved. Open Edit again."


@dataclass(frozen=True)
class Edit:
    """``before`` is its row as it was looked up; ``secrets`` take the place of what there is, None leaves that."""

    before: Connection
    title: str
    spec: ServerSpec
    answers: Mapping[str, Any]
    offer: Offer
    secrets: Secrets | None = None

    @property
    def moves(self) -> bool:
        """To where no secret of before may go."""
        return not same_place(from_json(self.before.spec), self.spec)


class Ends(Protocol):
    """Has the service end a grant that is over for us."""

    async def of(self, member: Member, connection_id: str) -> Grant | None: ...

    async def later(self, tables: Tables, member: Member, title: str, grant: Grant) -> None: ...


class Keeping:
    def __init__(self, saving: Saving, revoking: Ends) -> None:
        self._saving = saving
        self._revoking = revoking

    async def old_grant(self, edit: Edit) -> Grant | None:
        """What ends with it; read before the transaction, since a store outside may have to be asked."""
        ends = edit.moves or edit.secrets is not None
        return await self._revoking.of(_member(edit.before), edit.before.id) if ends else None

    async def replaced(self, connection: Connection) -> Grant | None:
        """As ``old_grant``, where a token takes its place and nothing else changes."""
        return await self._revoking.of(_member(connection), connection.id)

    async def end(self, tables: Tables, connection: Connection, grant: Grant) -> None:
        """In the caller's transaction; afterwards, ring the jobs."""
        await self._revoking.later(tables, _member(connection), connection.title, grant)

    async def keep(self, tables: Tables, edit: Edit, ends: Grant | None) -> Connected:
        """In the caller's transaction; afterwards, ring the jobs and have the pool forget the old session.

        Raises `FormError` for a name that is taken, `UserError` when it is not as it was any more.
        """
        before, member = edit.before, _member(edit.before)
        there = await tables.connections.get(member.workspace, before.id)
        if there is None:
            raise UserError(NOT_THERE)
        if there.version != before.version or there.spec != before.spec:
            raise UserError(MEANWHILE)
        if edit.moves or edit.secrets is not None:
            await permit(tables, member.workspace, there.card, there.title)
        if edit.title != there.title:
            await self._saving.rename(tables, member, there, edit.title)
        known = await tables.tools.of(member.workspace, before.id)
        changes = changes_between(known, edit.offer)
        await tables.connections.update(member.workspace, before.id, **_columns(edit, there))
        await _within_reach(tables, member, before)
        left_out = as_rows(edit.offer.left_out)
        await tables.connections.works(member.workspace, before.id, now(), left_out=left_out)
        await follow_note(tables, there)
        moved = changed(there, known, edit.offer.tools, connecting=edit.moves)
        await tables.tools.save([each async for each in unhurried(moved)])
        await self._secrets(tables, edit, ends)
        detail = {"to": _where(edit.spec), "from": _where(from_json(before.spec)), "tools": str(changes)}
        await tables.audit.add(member.workspace, member.id, "connection.edited", before.id, detail)
        there.title, there.left_out = edit.title, left_out
        reading = sum(each.hinted_reading for each in edit.offer.tools)
        return Connected(there, len(edit.offer.tools), reading, edited=str(changes))

    async def _secrets(self, tables: Tables, edit: Edit, ends: Grant | None) -> None:
        if not edit.moves and edit.secrets is None:
            return
        member = _member(edit.before)
        if ends is not None:
            await self.end(tables, edit.before, ends)
        await self._saving.secrets.delete(tables, member, edit.before.id)
        for field, secret in (edit.secrets or {}).items():
            await self._saving.secrets.put(tables, member, edit.before.id, secret, field)


async def _within_reach(tables: Tables, member: Member, connection: Connection) -> None:
    """Looked at once more where it leads by now: what administrators let be reached may have changed meanwhile."""
    there = await tables.connections.get(member.workspace, connection.id)
    if there is not None and there.outside:
        raise UserError(OUTSIDE.format(connection.title))


def _columns(edit: Edit, there: Connection) -> dict[str, Any]:
    """A connection that moves, or has a token of its own now, follows the installation's token no more."""
    own = edit.moves or edit.secrets is not None
    followed = {} if own else {name: there.spec[name] for name in (SHARED,) if name in there.spec}
    answers = {name: value for name, value in edit.answers.items() if not (own and name == USE)}
    rights = {"wants_rights": ""} if own else {}
    return {
        "spec": as_json(edit.spec) | followed,
        "answers": answers,
        "version": there.version + 1,
        "speaks": dict(edit.offer.speaks),
        "nothing_beside": False,
        **instructions_heard(there, edit.offer.instructions),
        **rights,
    }


def _where(spec: ServerSpec) -> str:
    """A host alone: what else is in a URL may be a secret."""
    return urlsplit(spec.url).netloc.rpartition("@")[2] if isinstance(spec, HttpSpec) else spec.program


def _member(connection: Connection) -> Member:
    return Member(connection.workspace_id, connection.member_id)
