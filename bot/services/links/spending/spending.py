"""On whose accounts a guest's question goes, and whether there is room on all of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.services.limits import limits
from bot.services.limits.budgets import Account, Ledger
from bot.services.limits.budgets.many import Added
from bot.services.limits.budgets.months import of_agents_month, of_month
from bot.services.limits.budgets.refusing import full, until_tomorrow
from bot.services.limits.refusals import refused
from bot.services.links.spending import scopes, telling
from bot.services.links.spending.scopes import USUAL, Allowances
from storage.database import Database, Tables
from storage.repositories.spending.budgets import Cap, Need
from storage.schema import now
from storage.tables import Budget, Link


class Spending:
    """``ledger`` is the one of members and guests alike."""

    def __init__(self, db: Database, allowed: Allowances = USUAL) -> None:
        self.allowed = allowed
        self.ledger = Ledger(db, (self._told,))

    def account(self, link: Link, session_id: str, *, turn: str = "", conversation: str = "") -> Account:
        """Of a guest's session, its link, the link's creator, the agent that was chosen for it, and the workspace."""
        agent = str(link.agent.get("id", ""))

        def caps(at: datetime) -> Sequence[Cap]:
            return *self._caps(link, session_id), *([of_agents_month(at, agent)] if agent else []), of_month(at)

        whole = scopes.of_link(link, self.allowed)
        return Account(link.workspace_id, link.creator_id, caps, whole, conversation, turn)

    def need(self, link: Link, session_id: str, money: int, tokens: int = limits.TURN_TOKENS) -> Need:
        """Of a whole turn, the link's own budget and the month's aside."""
        return Need(self._caps(link, session_id), tokens, money)

    async def check(
        self, tables: Tables, link: Link, session_id: str, money: int, tokens: int = limits.TURN_TOKENS, *, look: bool
    ) -> None:
        """Whether there is room for a whole turn; nothing is set aside yet. Raises `Refused`.

        ``look``: not only at the link, since one of the others lacks room.
        """
        caps = self._caps(link, session_id)
        found = await tables.budgets.of(link.workspace_id, [cap.key for cap in caps]) if look else {}
        for cap, held in [(scopes.of_link(link, self.allowed), link), *((cap, found.get(cap.key)) for cap in caps)]:
            if held and not _fits(held, cap, tokens, money):
                raise full(cap.key, for_now=_will_fit(held, cap, tokens, money))

    async def may_begin(self, tables: Tables, link: Link) -> None:
        """Raises `Refused` when most of the workspace's day is spent: those who chat already go on."""
        day = scopes.of_day(self.allowed, now())
        held = (await tables.budgets.of(link.workspace_id, [day.key])).get(day.key)
        if held and telling.part_of(held, day) >= scopes.STOPS_STARTS:
            raise refused("day_starts", retry_after=until_tomorrow())

    async def sweep(self) -> int:
        """Settle at its estimate what dead processes left; how many requests that were."""
        return await self.ledger.sweep()

    async def _told(self, tables: Tables, links: Sequence[Link], found: Mapping[str, Added]) -> None:
        for link in links:
            await telling.of_link(tables, link, scopes.of_link(link, self.allowed))
        for key, each in found.items():
            if key.startswith("workspace:"):
                await telling.of_day(tables, each, scopes.of_day(self.allowed, now()))

    def _caps(self, link: Link, session_id: str) -> Sequence[Cap]:
        """Narrow to wide, the link's own and the month's aside."""
        at = now()
        return (
            scopes.of_session(link, session_id, self.allowed),
            scopes.of_creator(link, self.allowed, at),
            scopes.of_day(self.allowed, at),
        )


def _fits(held: Budget | Link, cap: Cap, tokens: int, money: int) -> bool:
    spent, cost = held.tokens_spent + held.tokens_reserved, held.money_spent + held.money_reserved
    return spent + tokens <= cap.tokens and cost + money <= cap.money


def _will_fit(held: Budget | Link, cap: Cap, tokens: int, money: int) -> bool:
    """Once nothing is set aside any more."""
    return held.tokens_spent + tokens <= cap.tokens and held.money_spent + money <= cap.money
