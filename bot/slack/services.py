"""What the listeners may call."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.services.agents.agents import Agents
from bot.services.cards import Shelf, WorkspaceCards
from bot.services.chats import Chats
from bot.services.chats.members.heard_threads import HeardThreads
from bot.services.connections import Connections
from bot.services.limits.budgets.budgets import Budgets
from bot.services.limits.egress import Reaching
from bot.services.limits.keeping import USUAL, Keeping, Kept
from bot.services.limits.outside.people import OutsidePeople
from bot.services.limits.outside.rules import OutsideRules
from bot.services.limits.policies import Policies
from bot.services.links import Links
from bot.services.links.hosting import Hosting
from bot.services.memory import Memory
from bot.services.reminders import Reminders
from bot.services.tickets import Tickets
from bot.services.tickets.new_tokens import NewTokens
from bot.services.tokens.access import AccessTokens
from bot.services.watch.insights.insights import Insights
from run_cards import RunCard
from run_cards.seeds import Seeds
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member

Parts = Callable[[], Awaitable[Mapping[str, str]]]
"""Of each by name: ok, or what is wrong with it."""


@dataclass(frozen=True)
class Services:
    chats: Chats
    connections: Connections
    links: Links
    hosting: Hosting
    tickets: Tickets
    """They say where a member may enter secrets."""
    db: Database
    bus: Bus
    shelf: Shelf
    workspace_cards: WorkspaceCards
    reminders: Reminders
    threads: HeardThreads = field(default_factory=HeardThreads)
    """What is said where Usher was mentioned."""
    seeds: Seeds = field(default_factory=Seeds)
    """What this installation has for cards, for its admins."""
    admins: frozenset[str] = frozenset()
    """Members whom the operator named, beside the workspace's own admins."""
    memory: Memory | None = None
    sandbox: str = "full"
    """The name of its level here: of any other, admins are told."""
    parts: Parts | None = None
    """How the installation's own parts are: asked when an admin looks."""
    kept: Kept = USUAL
    """For how long things are kept where administrators did not choose."""
    tokens: AccessTokens | None = None
    """By which members' own programs act for them."""

    @property
    def new_tokens(self) -> NewTokens | None:
        return NewTokens(self.db, self.tickets, self.tokens) if self.tokens else None

    @property
    def budgets(self) -> Budgets:
        return Budgets(self.db)

    @property
    def agents(self) -> Agents:
        return Agents(self.db)

    @property
    def outside(self) -> OutsideRules:
        return OutsideRules(self.db, self.bus)

    @property
    def from_outside(self) -> OutsidePeople:
        return OutsidePeople(self.db, self.bus)

    @property
    def insights(self) -> Insights:
        return Insights(self.db, self.bus)

    @property
    def keeping(self) -> Keeping:
        return Keeping(self.db, self.kept)

    @property
    def reaching(self) -> Reaching:
        return Reaching(self.db, self.bus)

    @property
    def policies(self) -> Policies:
        return Policies(self.db, self.bus)

    async def cards_for(self, member: Member) -> tuple[RunCard, ...]:
        """All that this member may connect, in the order shown."""
        return await self.shelf.of(member)

    async def forbidden_to(self, member: Member) -> tuple[RunCard, ...]:
        """What this member could connect if administrators let it be used."""
        return (await self.shelf.sorted_out(member))[1]

    async def card_for(self, member: Member, name: str) -> RunCard | None:
        """The one of this name, where the member may connect it."""
        return next((card for card in await self.cards_for(member) if card.name == name), None)
