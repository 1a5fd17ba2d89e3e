"""Members' connections to MCP servers."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.repositories.work.home_tabs import HomeTabs
from storage.repositories.workspaces.policies import Policies
from storage.tables import AddedCard, Connection, ToolUsage, Workspace


def text_pin(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


STAYS = Connection.leaving_since.is_(None)


def _of(workspace: str, member: str) -> tuple[sa.ColumnElement[bool], ...]:
    return Connection.workspace_id == workspace, Connection.member_id == member


class Connections(Repository):
    """Each change shows on its member's Home tab. One that is leaving is found only where that is said."""

    async def add(self, connection: Connection) -> Connection:
        """Raises `sqlalchemy.exc.IntegrityError` when the member has this slug already."""
        await self._add(connection)
        # After the row: whoever changes the rule waits for it, and then finds it.
        if await self._outside(connection.workspace_id, connection.spec):
            connection.outside = True
            await self.update(connection.workspace_id, connection.id, outside=True)
        await self._changed(connection.workspace_id, connection.member_id)
        return connection

    async def get(self, workspace: str, connection_id: str, *, leaving: bool = False) -> Connection | None:
        """``leaving``: also one that is."""
        query = sa.select(Connection).where(Connection.workspace_id == workspace, Connection.id == connection_id)
        return await self._session.scalar(query if leaving else query.where(STAYS))

    async def of(self, workspace: str, member: str) -> list[Connection]:
        """The member's own, oldest first."""
        query = sa.select(Connection).where(*_of(workspace, member), STAYS)
        return await self._rows(query.order_by(Connection.created_at, Connection.id))

    async def of_workspace(self, workspace: str) -> list[Connection]:
        """Of all members, those too that are leaving."""
        return await self._rows(sa.select(Connection).where(Connection.workspace_id == workspace))

    async def leaving(self, workspace: str, member: str) -> list[Connection]:
        """Those that the member has disconnected and can still keep, oldest first."""
        query = sa.select(Connection).where(*_of(workspace, member), ~STAYS)
        return await self._rows(query.order_by(Connection.leaving_since, Connection.id))

    async def of_card(self, workspace: str, card: str) -> list[Connection]:
        """Of all members, made with this card; those too that are leaving."""
        query = sa.select(Connection).where(Connection.workspace_id == workspace, Connection.card == card)
        return await self._rows(query.order_by(Connection.id))

    async def named(self, workspace: str, member: str, text: str) -> Connection | None:
        """By slug or title, in capitals or not; a slug goes before a title."""
        # Compared here: the databases' own lower() differ beyond ASCII.
        wanted, mine = text.strip().casefold(), await self.of(workspace, member)
        by_slug = (each for each in mine if each.slug.casefold() == wanted)
        by_title = (each for each in mine if each.title.casefold() == wanted)
        return next(by_slug, None) or next(by_title, None)

    async def unseen(
        self, workspace: str, *, seen_before: datetime, used_since: datetime, at: datetime, after: str, most: int
    ) -> list[Connection]:
        """By id from ``after`` on: those in use that nobody has looked at for so long, and that may be well or not.

        A refused token is not looked at again, since its member alone can mend it.
        """
        used = sa.exists().where(ToolUsage.connection_id == Connection.id, ToolUsage.workspace_id == workspace)
        query = sa.select(Connection).where(
            Connection.workspace_id == workspace,
            STAYS,
            Connection.id > after,
            Connection.paused_at.is_(None),
            Connection.status != "sign_in",
            Connection.checked_at < seen_before,
            sa.or_(Connection.retry_at.is_(None), Connection.retry_at <= at),
            sa.or_(Connection.created_at >= used_since, used.where(ToolUsage.at >= used_since)),
        )
        return await self._rows(query.order_by(Connection.id).limit(most))

    async def seen(self, workspace: str, connection_id: str, at: datetime) -> None:
        """Nothing that its member sees has changed by that."""
        ours = (Connection.workspace_id == workspace, Connection.id == connection_id)
        await self._session.execute(sa.update(Connection).where(*ours).values(checked_at=at))

    async def usable(self, ids: Collection[str]) -> dict[str, tuple[int, int | None, datetime | None]]:
        """Of all workspaces: those of these that may be used, with the versions of their credential and added card,
        and when that was changed."""
        rests = sa.or_(~STAYS, Connection.paused_at.is_not(None), Connection.forbidden, Connection.outside)
        card = sa.and_(AddedCard.id == Connection.card, AddedCard.workspace_id == Connection.workspace_id)
        columns = (Connection.id, Connection.version, AddedCard.version, AddedCard.changed_at)
        query = sa.select(*columns).outerjoin(AddedCard, card).where(Connection.id.in_(list(ids)), ~rests)
        found = await self._session.execute(query)
        return {each: (version, of_card, changed_at) for each, version, of_card, changed_at in found}

    async def users_by_card(self, workspace: str) -> dict[str, int]:
        """How many members have a connection of each card."""
        members = sa.func.count(sa.distinct(Connection.member_id))
        query = sa.select(Connection.card, members).where(Connection.workspace_id == workspace, STAYS)
        return {card: number for card, number in await self._session.execute(query.group_by(Connection.card))}

    async def cards_of(self, workspace: str, connection_ids: Collection[str]) -> dict[str, str]:
        """The card of each of these, by its id."""
        those = (Connection.workspace_id == workspace, Connection.id.in_(list(connection_ids)))
        return {
            each: card
            for each, card in await self._session.execute(sa.select(Connection.id, Connection.card).where(*those))
        }

    async def slugs(self, workspace: str, member: str) -> set[str]:
        """Those of the leaving too, which may come back under theirs."""
        return set(await self._session.scalars(sa.select(Connection.slug).where(*_of(workspace, member))))

    async def update(self, workspace: str, connection_id: str, **values: Any) -> bool:
        if "spec" in values:
            whole = sa.select(Workspace.id).where(Workspace.id == workspace).with_for_update(read=True, key_share=True)
            await self._session.execute(whole)  # whoever changes the rule waits, or has changed it
            values["outside"] = await self._outside(workspace, values["spec"])
        ours = (Connection.workspace_id == workspace, Connection.id == connection_id)
        change = sa.update(Connection).where(*ours).values(**values)
        if (member := await self._session.scalar(change.returning(Connection.member_id))) is None:
            return False
        await self._changed(workspace, member)
        return True

    async def _outside(self, workspace: str, spec: Mapping[str, Any]) -> bool:
        return bool((await Policies(self._transaction).egress(workspace)).outside(spec))

    async def hold_note(self, workspace: str, connection_id: str, at: datetime, until: datetime) -> bool:
        """The right to ask its member to sign in again; False while another process has it, and once it is gone."""
        free = sa.or_(Connection.sign_in_note_held.is_(None), Connection.sign_in_note_held < at)
        ours = (Connection.workspace_id == workspace, Connection.id == connection_id)
        return await self._did(sa.update(Connection).where(*ours, free).values(sign_in_note_held=until))

    async def let_note_go(self, workspace: str, connection_id: str, until: datetime) -> bool:
        """``until`` as it was held: what has lapsed and is another's is left alone."""
        ours = (Connection.workspace_id == workspace, Connection.id == connection_id)
        held = sa.update(Connection).where(*ours, Connection.sign_in_note_held == until)
        return await self._did(held.values(sign_in_note_held=sa.null()))

    async def found_beside(self, workspace: str, connection_id: str, *, nothing: bool) -> bool:
        """Whether its server has resources or prompts, as far as is known; True when that was not known before."""
        other = (Connection.workspace_id == workspace, Connection.id == connection_id)
        change = sa.update(Connection).where(*other, Connection.nothing_beside.is_not(nothing))
        return await self._did(change.values(nothing_beside=nothing))

    async def works(self, workspace: str, connection_id: str, at: datetime, **listed: Any) -> bool:
        """It has answered as it should; False when it is not there any more. ``listed``, when it was asked anew."""
        well: dict[str, Any] = {
            "status": "connected",
            "trouble": "",
            "cause": "",
            "failing_since": None,
            "retry_at": None,
        }
        return await self.update(workspace, connection_id, checked_at=at, **well, **listed)

    async def accept_instructions(self, workspace: str, member: str, connection_id: str, pin: str) -> bool:
        """Take what waited for the member and has this hash; False when nothing did, or something else."""
        ours = (*_of(workspace, member), Connection.id == connection_id)
        waiting = await self._session.scalar(sa.select(Connection.instructions_offered).where(*ours).with_for_update())
        if waiting is None or text_pin(waiting) != pin:
            return False
        return await self._did(
            sa.update(Connection)
            .where(*ours, Connection.instructions_offered == waiting)
            .values(instructions=waiting, instructions_offered=None)
        )

    async def failed(
        self,
        workspace: str,
        connection_id: str,
        *,
        status: str,
        trouble: str,
        at: datetime,
        cause: str = "",
        wait: float | None = None,
    ) -> bool:
        """Since when is kept while it goes on; ``wait``: seconds for which it is left alone."""
        since = sa.func.coalesce(Connection.failing_since, at)
        retry_at = at + timedelta(seconds=wait) if wait else None
        told = {"status": status, "trouble": trouble, "cause": cause, "checked_at": at, "retry_at": retry_at}
        return await self.update(workspace, connection_id, failing_since=since, **told)

    async def leave(self, workspace: str, member: str, connection_id: str, at: datetime) -> Connection | None:
        """The connection that was there, gone for everybody who does not ask for the `leaving`."""
        change = sa.update(Connection).where(*_of(workspace, member), Connection.id == connection_id, STAYS)
        left = await self._session.scalar(change.values(leaving_since=at).returning(Connection))
        if left:
            await self._changed(workspace, member)
        return left

    async def keep(self, workspace: str, member: str, connection_id: str, title: str) -> Connection | None:
        """The one that was leaving, as it was but for its title; None when it has left."""
        change = sa.update(Connection).where(*_of(workspace, member), Connection.id == connection_id, ~STAYS)
        kept = await self._session.scalar(change.values(leaving_since=None, title=title).returning(Connection))
        if kept:
            await self._changed(workspace, member)
        return kept

    async def remove(
        self, workspace: str, member: str, connection_id: str, *, left_by: datetime | None = None
    ) -> Connection | None:
        """The connection that was there, gone with its tools; its secret is `Secrets.delete_of`'s.

        With ``left_by`` only if it has been leaving since then or longer.
        """
        long_enough = [Connection.leaving_since <= left_by] if left_by else []
        ours = [*_of(workspace, member), Connection.id == connection_id, *long_enough]
        removed = await self._session.scalar(sa.delete(Connection).where(*ours).returning(Connection))
        if removed:
            await self._changed(workspace, member)
        return removed

    async def _changed(self, workspace: str, member: str) -> None:
        await HomeTabs(self._transaction).changed(workspace, member)
