"""A connection is saved whole: its row, its tools, its secret and who made it, or nothing."""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import chain, count

from sqlalchemy.exc import IntegrityError

from bot.errors import FormError, UserError
from bot.services.cards.shelf import SHARED
from bot.services.connections.entering.entries import kept_answers
from bot.services.connections.telling.failures import name_field
from bot.services.connections.using.first_questions import question_of
from bot.services.connections.values import Connected, LeastUsed, TooMany
from bot.services.limits.policies import permit
from bot.services.tickets import use
from mcp_runtime import steps
from mcp_runtime.left_out import as_rows
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.sessions.pool import Offer
from mcp_runtime.specs import Secrets, ServerSpec, as_json
from mcp_runtime.steps import Step
from mcp_runtime.tools.changes import pinned
from mcp_runtime.transports.fair_turns import unhurried
from run_cards.card import ANOTHER, RunCard, Values
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Connection, Ticket

Also = Callable[[Tables, Connected], Awaitable[None]]

OUTSIDE = "{} cannot be connected: your workspace's admins do not let its host be reached. Ask one of them."
SLUG_LENGTH = 24
TRIES = 3  # two at once may want the same slug


class Saving:
    def __init__(self, db: Database, secrets: SecretStore, max_per_member: int) -> None:
        self._db = db
        self.secrets = secrets
        self._max = max_per_member

    async def free_title(self, member: Member, title: str) -> str:
        """One that the member does not have yet."""
        async with self._db.read() as tables:
            mine = await tables.connections.of(member.workspace, member.id)
        return free_title(title, [each.title for each in mine])

    async def permit(self, member: Member, card: str, title: str) -> None:
        """Raises `UserError` where administrators forbid the card: before its server is asked, or somebody signs in."""
        async with self._db.read() as tables:
            await permit(tables, member.workspace, card, title)

    async def check(self, member: Member, card: RunCard, title: str) -> None:
        """Raises `FormError` when the member has one of this name, or as many as may be."""
        async with self._db.read() as tables:
            await self._check(tables, member, card, title)

    async def save(
        self,
        member: Member,
        card: RunCard,
        title: str,
        spec: ServerSpec,
        offer: Offer,
        secrets: Secrets,
        ticket: Ticket | None = None,
        also: Also | None = None,
        answers: Values | None = None,
    ) -> Connected:
        """``ticket`` is used up by it, and ``also`` done with it, or nothing of it all."""
        steps.at(Step.SAVING)
        for left in reversed(range(TRIES)):
            try:
                async with self._db.begin() as tables:
                    if ticket:
                        await use(tables, ticket)  # first, so that whoever comes second hears that it is used
                    connected = await self._rows(tables, member, card, title, spec, offer, secrets, answers or {})
                    if also:
                        await also(tables, connected)
                    return connected
            except IntegrityError:
                if not left:
                    raise
        raise AssertionError("unreachable")

    async def _rows(
        self,
        tables: Tables,
        member: Member,
        card: RunCard,
        title: str,
        spec: ServerSpec,
        offer: Offer,
        secrets: Secrets,
        answers: Values,
    ) -> Connected:
        await tables.workspaces.ensure(member.workspace)
        await self._check(tables, member, card, title)
        connection = await tables.connections.add(
            Connection(
                workspace_id=member.workspace,
                member_id=member.id,
                card=card.name,
                title=title,
                slug=free_slug(title, await tables.connections.slugs(member.workspace, member.id)),
                left_out=as_rows(offer.left_out),
                instructions=offer.instructions,
                speaks=dict(offer.speaks),
                answers=kept_answers(card, answers) if answers else {},
                spec=as_json(spec) | ({SHARED: True} if card.is_shared and secrets == card.shared_secrets else {}),
            )
        )
        # After the row: whoever forbids the card waits for it, and then finds it.
        await permit(tables, member.workspace, card.name, card.title)
        if connection.outside:
            raise UserError(OUTSIDE.format(card.title))
        free = {each.name for each in offer.tools if card.frees(each.name, hinted_reading=each.hinted_reading)}
        rows = [
            pinned(connection, each, "free" if each.name in free else "ask") async for each in unhurried(offer.tools)
        ]
        questions = card.to_try or tuple(filter(None, [question_of(title, rows)]))
        await tables.tools.save(rows)
        for field, secret in secrets.items():
            await self.secrets.put(tables, member, connection.id, secret, field)
        detail = {"title": title, "card": card.name, "tools": len(offer.tools)}
        await tables.audit.add(member.workspace, member.id, "connection.made", connection.id, detail)
        reading = sum(each.hinted_reading for each in offer.tools)
        return Connected(connection, len(rows), reading, len(free), questions=questions if rows else ())

    async def rename(self, tables: Tables, member: Member, connection: Connection, title: str) -> None:
        """Raises `FormError` when another of the member's is called so."""
        await self.unnamed(tables, member, connection, title)
        await tables.connections.update(member.workspace, connection.id, title=title)
        detail = {"from": connection.title, "to": title}
        await tables.audit.add(member.workspace, member.id, "connection.renamed", connection.id, detail)

    async def unnamed(self, tables: Tables, member: Member, connection: Connection, title: str) -> None:
        """Raises `FormError` when another than this one is called so."""
        mine = await tables.connections.of(member.workspace, member.id)
        if any(each.title.casefold() == title.casefold() and each.id != connection.id for each in mine):
            raise FormError({ANOTHER.name: f"You have a connection called {title} already. Choose another name."})

    async def _check(self, tables: Tables, member: Member, card: RunCard, title: str) -> None:
        mine = await tables.connections.of(member.workspace, member.id)
        name = name_field(card)
        same = next((each for each in mine if each.title.casefold() == title.casefold()), None)
        if same:
            told = f"You have a connection called {title} already. "
            cure = "Choose another name, or disconnect that one first." if card.fields else "Disconnect that one first."
            cure = "There is no need for two." if same.card == card.name and not card.fields else cure
            raise FormError({name: told + cure})
        await self._room(tables, member, mine, name)

    async def room(self, member: Member) -> None:
        """Raises `TooMany` where there is none for one more."""
        async with self._db.read() as tables:
            await self._room(tables, member, await tables.connections.of(member.workspace, member.id), "")

    async def _room(self, tables: Tables, member: Member, mine: Sequence[Connection], field: str) -> None:
        if len(mine) < self._max:
            return
        use = await tables.usage.by_connection(member.workspace, [each.id for each in mine], now())
        last = {each.id: use[each.id].last if each.id in use else None for each in mine}
        # One that was never called counts from when it was made.
        least = min(mine, key=lambda each: last[each.id] or each.created_at)
        found = LeastUsed(least.id, least.title, least.created_at, last[least.id])
        raise TooMany(field, len(mine), self._max, found)


def free_title(title: str, taken: Iterable[str]) -> str:
    """«GitHub», then «GitHub 2»."""
    known = {each.casefold() for each in taken}
    numbered = (f"{title} {number}" for number in count(2))
    return next(each for each in chain([title], numbered) if each.casefold() not in known)


def free_slug(title: str, taken: set[str]) -> str:
    """A short name for the tools' prefix that the member has not used yet."""
    plain = re.sub(r"[^a-z0-9]+", "_", title.casefold()).strip("_")[:SLUG_LENGTH].strip("_") or "server"
    number, slug = 1, plain
    while slug in taken:
        number += 1
        slug = f"{plain}_{number}"
    return slug
