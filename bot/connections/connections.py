"""A member's connections: made, looked at, tested, ended."""

import time
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from bot.connections.failures import form_error, sentence
from bot.connections.saving import Saving
from bot.connections.values import Connected, ConnectionView, Tested, TicketNeeded, TicketView
from bot.errors import FormError, UserError
from bot.tickets import TicketGone, Tickets
from mcp_runtime.errors import AuthorizationNeeded, ServerError
from mcp_runtime.pool import Offer, Pool
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards import CARDS
from run_cards.card import Field, RunCard, Values
from storage.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Connection, PinnedTool, Ticket

CARDS_BY_NAME: Mapping[str, RunCard] = {card.name: card for card in CARDS}
POLICIES = ("ask", "always", "off")


class Connections:
    """``tickets`` tells whether a page to enter secrets on can be reached; when not, Slack's form asks."""

    def __init__(
        self, db: Database, bus: Bus, pool: Pool, secrets: SecretStore, tickets: Tickets, *, max_per_member: int = 10
    ) -> None:
        self._db = db
        self._bus = bus
        self._pool = pool
        self._secrets = secrets
        self._tickets = tickets
        self._saving = Saving(db, secrets, max_per_member)

    async def begin(
        self, member: Member, card: RunCard, values: Values, *, view: dict[str, Any] | None = None
    ) -> Connected | TicketNeeded:
        """Connect without a secret, or make a ticket when the server wants one; raises `FormError`."""
        title = await self._checked(member, card, values)
        if _secret_is_needed(card) and self._tickets.reachable:
            return await self._ticket(member, card, values, title, view)
        try:
            offer = await self._pool.try_out(card.server(values), None, title=title)
        except AuthorizationNeeded as error:
            if card.secret and self._tickets.reachable:
                return await self._ticket(member, card, values, title, view)
            raise form_error(card, error) from error
        except ServerError as error:
            raise form_error(card, error) from error
        return await self._saving.save(member, card, title, card.server(values), offer, None)

    async def begin_with_secret(self, member: Member, card: RunCard, values: Values, secret: str) -> Connected:
        """For when no ticket page can be reached; raises `FormError`."""
        title = await self._checked(member, card, values)
        _check_secret(card, secret)
        offer = await self._try(card, card.server(values), secret.strip() or None, title)
        return await self._saving.save(member, card, title, card.server(values), offer, secret.strip() or None)

    async def ticket(self, token: str) -> TicketView | None:
        """What the ticket's page shows; None when it cannot be used any more."""
        ticket = await self._tickets.look(token)
        card = CARDS_BY_NAME.get(ticket.payload["card"]) if ticket else None
        return _view(ticket, card, card.secret) if ticket and card and card.secret else None

    async def finish(self, ticket_token: str, secret: str) -> Connected:
        """Connect with the secret entered on a ticket's page; a failure (`FormError`) leaves the ticket for 5 tries."""
        ticket = await self._tickets.tried(ticket_token)
        try:
            connected = await self._finished(ticket, secret.strip())
        except UserError as error:
            await self._tell(ticket, str(error), ok=False)
            raise
        await self._tell(ticket, connected.sentence, ok=True)
        return connected

    async def _finished(self, ticket: Ticket, secret: str) -> Connected:
        member, payload = Member(ticket.workspace_id, ticket.member_id), ticket.payload
        card = CARDS_BY_NAME.get(payload["card"])
        if card is None or card.secret is None:
            raise TicketGone
        try:
            _check_secret(card, secret)
            spec = card.server(payload["values"])
            offer = await self._try(card, spec, secret, payload["title"])
            return await self._saving.save(member, card, payload["title"], spec, offer, secret, ticket)
        except FormError as error:
            # The page has this one field: whatever went wrong is told under it.
            raise FormError({card.secret.name: str(error)}) from error

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
        """By its name; raises `UserError` naming the nearest."""
        async with self._db.read() as tables:
            found = await tables.connections.named(member.workspace, member.id, text)
            mine = await tables.connections.of(member.workspace, member.id)
        if found:
            return found
        raise UserError(_not_found(text, [each.title for each in mine]))

    async def test(self, member: Member, connection_id: str) -> Tested:
        """Ask the server for its tools now, and keep how that went."""
        connection = await self._own(member, connection_id)
        begun, trouble, count = time.perf_counter(), "", 0
        try:
            count = len((await self._pool.listing(connection)).tools)
        except ServerError as error:
            trouble = sentence(error)
        took = round((time.perf_counter() - begun) * 1000)
        values = {"status": "failing" if trouble else "connected", "trouble": trouble.rstrip("."), "checked_at": now()}
        async with self._db.begin() as tables:
            await tables.connections.update(member.workspace, connection.id, **values)
        tools = "1 tool" if count == 1 else f"{count} tools"
        told = (
            f"{connection.title}: {trouble}" if trouble else f"{connection.title} answered in {took} ms with {tools}."
        )
        return Tested(not trouble, told, took, count)

    async def disconnect(self, member: Member, connection_id: str) -> Connection:
        """Gone with its tools and its secret."""
        async with self._db.begin() as tables:
            removed = await tables.connections.remove(member.workspace, member.id, connection_id)
            if removed is None:
                raise UserError("That connection is not there any more.")
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
                raise UserError(f"There is no tool {tool} there.")
            detail = {"tool": tool, "policy": policy}
            await tables.audit.add(member.workspace, member.id, "tool.policy", connection_id, detail)

    async def accept(self, member: Member, connection_id: str, tool: str) -> None:
        """Take a changed tool as it is now."""
        await self._own(member, connection_id)
        async with self._db.begin() as tables:
            if not await tables.tools.accept(member.workspace, connection_id, tool):
                raise UserError(f"{tool} has no change that waits for you.")
            await tables.audit.add(member.workspace, member.id, "tool.accepted", connection_id, {"tool": tool})

    async def _own(self, member: Member, connection_id: str) -> Connection:
        async with self._db.read() as tables:
            connection = await tables.connections.get(member.workspace, connection_id)
        if connection is None or connection.member_id != member.id:
            raise UserError("That connection is not there any more.")
        return connection

    async def _checked(self, member: Member, card: RunCard, values: Values) -> str:
        """The connection's title, once the form is well filled in."""
        if complaints := card.complaints(values):
            raise FormError(complaints)
        title = card.title_for(values).strip()
        await self._saving.check(member, card, title)
        return title

    async def _try(self, card: RunCard, spec: ServerSpec, secret: str | None, title: str) -> Offer:
        try:
            return await self._pool.try_out(spec, secret, title=title)
        except ServerError as error:
            raise form_error(card, error) from error

    async def _ticket(
        self, member: Member, card: RunCard, values: Values, title: str, view: dict[str, Any] | None
    ) -> TicketNeeded:
        kept = {field.name: values.get(field.name, "") for field in card.fields if not field.secret}
        payload = {"card": card.name, "values": kept, "title": title, "view": view}
        issued = await self._tickets.issue(member, payload)
        return TicketNeeded(issued.url, issued.expires_at)

    async def _tell(self, ticket: Ticket, told: str, *, ok: bool) -> None:
        payload = {"member": ticket.member_id, "view": ticket.payload["view"], "sentence": told, "ok": ok}
        once = f"connect_outcome:{ticket.id}:{ticket.tries}"
        async with self._db.begin() as tables:
            await tables.jobs.add(
                "connect_outcome",
                once,
                {"workspace": ticket.workspace_id, **payload},
                now(),
                workspace=ticket.workspace_id,
            )
        await self._bus.tell("jobs")


def _secret_is_needed(card: RunCard) -> bool:
    return card.secret is not None and card.secret.check("") is not None


def _check_secret(card: RunCard, secret: str) -> None:
    complaint = card.secret.check(secret) if card.secret else None
    if card.secret and complaint:
        raise FormError({card.secret.name: complaint})


def _view(ticket: Ticket, card: RunCard, secret: Field) -> TicketView:
    spec = card.server(ticket.payload["values"])
    return TicketView(
        title=ticket.payload["title"],
        card=card.title,
        host=urlsplit(spec.url).netloc if isinstance(spec, HttpSpec) else "",
        label=secret.label,
        hint=secret.hint,
        workspace=ticket.workspace_id,
        member=ticket.member_id,
        expires_at=ticket.expires_at,
    )


def _not_found(text: str, titles: list[str]) -> str:
    if not titles:
        return "You have no connections yet. `/mcp connect` makes one."
    near = get_close_matches(text, titles, 1, 0.0)[0]
    return f"You have no connection called {text}. Did you mean {near}?"
