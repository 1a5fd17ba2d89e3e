"""A member's connections: made, looked at, tested, ended."""

import time
from collections.abc import Iterable
from typing import Any

from bot.errors import UserError
from bot.services.connections.connecting import Connecting
from bot.services.connections.failures import sentence_of_stored
from bot.services.connections.left_out import left_out
from bot.services.connections.saving import Saving
from bot.services.connections.values import Connected, ConnectionView, Tested, TicketNeeded, TicketView
from bot.services.matching import not_found, same
from bot.services.tickets import Entry, Tickets
from mcp_runtime.errors import ServerError
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.sessions.pool import Pool
from run_cards.card import RunCard, Values
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.tables import Connection, PinnedTool

POLICIES = ("ask", "always", "off")
NOT_THERE = "That connection is not there any more."


class Connections:
    """``tickets`` knows where secrets may be entered."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        pool: Pool,
        secrets: SecretStore,
        tickets: Tickets,
        cards: Iterable[RunCard],
        *,
        max_per_member: int = 10,
    ) -> None:
        self._db = db
        self._cards = {card.name: card for card in cards}
        self._pool = pool
        self._secrets = secrets
        self._connecting = Connecting(db, bus, pool, tickets, Saving(db, secrets, max_per_member), self._cards)

    async def begin(
        self,
        member: Member,
        card: RunCard,
        values: Values,
        *,
        view: dict[str, Any] | None = None,
        entry: Entry | None = None,
    ) -> Connected | TicketNeeded:
        """Connect without a secret, or make a ticket when the server wants one.

        ``entry`` is where this member may enter it: what holds for everybody, when it is not said. Raises
        `FormError`; `NoSecretsHere` where there is no way, of which the admins hear.
        """
        return await self._connecting.begin(member, card, values, view, entry)

    async def begin_with_secret(self, member: Member, card: RunCard, values: Values, secret: str) -> Connected:
        """With a secret that is at hand, as from Slack's form where that is allowed; raises `FormError`."""
        return await self._connecting.begin_with_secret(member, card, values, secret)

    async def ticket(self, token: str) -> TicketView | None:
        """What the ticket's page shows; None when it cannot be used any more."""
        return await self._connecting.ticket(token)

    async def finish(self, ticket_token: str, secret: str) -> Connected:
        """Connect with the secret of a ticket's page; `FormError` leaves the ticket, `TicketGone` says it is used."""
        return await self._connecting.finish(ticket_token, secret)

    async def finished(self, ticket_token: str) -> str:
        """What a ticket has led to, as a sentence; empty when it was not used, or is forgotten."""
        return await self._connecting.finished(ticket_token)

    async def of(self, member: Member) -> list[ConnectionView]:
        async with self._db.read() as tables:
            mine = await tables.connections.of(member.workspace, member.id)
            tools = await tables.tools.of_many(member.workspace, [each.id for each in mine])
        return [ConnectionView(each, [tool for tool in tools if tool.connection_id == each.id]) for each in mine]

    async def tools(self, member: Member, connection_id: str) -> list[PinnedTool]:
        connection = await self._own(member, connection_id)
        async with self._db.read() as tables:
            return await tables.tools.of(member.workspace, connection.id)

    async def find(self, member: Member, text: str) -> Connection:
        """By its name, however that is written; raises `NotFound`."""
        async with self._db.read() as tables:
            found = await tables.connections.named(member.workspace, member.id, text)
            mine = await tables.connections.of(member.workspace, member.id)
        titles = same(text, [each.title for each in mine])
        if found is None and len(titles) == 1:
            found = next(each for each in mine if each.title == titles[0])
        if found:
            return found
        raise not_found("connection", text, [(each.id, each.title) for each in mine])

    async def test(self, member: Member, connection_id: str) -> Tested:
        """Ask the server for its tools now; the pool keeps how that went."""
        connection = await self._own(member, connection_id)
        begun, trouble, count, more = time.perf_counter(), "", 0, ""
        try:
            offer = await self._pool.listing(connection)
            count, more = len(offer.tools), left_out(offer.left_out)
        except ServerError as error:
            trouble = sentence_of_stored(error, self._cards.get(connection.card))
        took = round((time.perf_counter() - begun) * 1000)
        tools = "1 tool" if count == 1 else f"{count} tools"
        told = (
            f"{connection.title}: {trouble}"
            if trouble
            else f"{connection.title} answered in {took} ms with {tools}. {more}".rstrip()
        )
        return Tested(not trouble, told, took, count)

    async def disconnect(self, member: Member, connection_id: str) -> Connection:
        """Gone with its tools and its secret."""
        async with self._db.begin() as tables:
            removed = await tables.connections.remove(member.workspace, member.id, connection_id)
            if removed is None:
                raise UserError(NOT_THERE)
            await self._secrets.delete(tables, member, connection_id)
            detail = {"title": removed.title}
            await tables.audit.add(member.workspace, member.id, "connection.ended", connection_id, detail)
        await self._pool.forget(connection_id)
        return removed

    async def set_policy(self, member: Member, connection_id: str, tool: str, policy: str) -> None:
        """Ask before each call, never ask (always), or keep it from the agent (off)."""
        if policy not in POLICIES:
            raise ValueError(policy)
        await self._own(member, connection_id)
        async with self._db.begin() as tables:
            if not await tables.tools.set_policy(member.workspace, connection_id, tool, policy):
                raise UserError("That tool is not there any more.")
            detail = {"tool": tool, "policy": policy}
            await tables.audit.add(member.workspace, member.id, "tool.policy", connection_id, detail)

    async def accept(self, member: Member, connection_id: str, tool: str) -> None:
        """Take a changed tool as it is now."""
        await self._own(member, connection_id)
        async with self._db.begin() as tables:
            if not await tables.tools.accept(member.workspace, connection_id, tool):
                raise UserError("That tool has no change that waits for you.")
            await tables.audit.add(member.workspace, member.id, "tool.accepted", connection_id, {"tool": tool})

    async def _own(self, member: Member, connection_id: str) -> Connection:
        async with self._db.read() as tables:
            connection = await tables.connections.get(member.workspace, connection_id)
        if connection is None or connection.member_id != member.id:
            raise UserError(NOT_THERE)
        return connection
