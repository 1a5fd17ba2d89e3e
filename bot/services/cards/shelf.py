"""All cards there are, by name; and which of them a member may connect, read anew each time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from bot.services.cards.added_card import program_of, run_card
from bot.services.limits.policies import CARDS_CHANGED, forbidden_cards
from mcp_runtime.programs import PROGRAMS
from mcp_runtime.secrets import CannotOpen, SecretStore, StoreAway
from mcp_runtime.specs import StdioSpec, pin
from run_cards.card import RunCard
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.tables import AddedCard

TOPIC = CARDS_CHANGED
LONGEST = 60.0
SHARED = "shared"
"""In a connection's spec: its secrets are the installation's or the card's own, and follow these."""
NO_CARD = "this installation does not let it be used any more"
UNCONFIRMED = "what it would run is not what your workspace's admins confirmed"
log = logging.getLogger(__name__)


ReadAgain = Callable[[], Iterable[RunCard]]
Runs = Callable[[StdioSpec], Awaitable[str]]
"""Why a program may not run here, as a clause for people; empty: it may."""


async def our_own(spec: StdioSpec) -> str:
    """None but those of our own list."""
    return "" if spec.command is None and spec.program in PROGRAMS else NO_CARD


class Shelf(Mapping[str, RunCard]):
    """As a mapping it holds what was last read: to know a card by its name is no permission to use it.

    ``again`` reads the installation's own file once more, whose tokens may lie in files that are replaced; ``runs``
    says which programs may run here.
    """

    def __init__(
        self,
        db: Database,
        fixed: Iterable[RunCard],
        again: ReadAgain = tuple,
        secrets: SecretStore | None = None,
        runs: Runs = our_own,
    ) -> None:
        self._runs = runs
        self._db = db
        self._secrets = secrets
        self._again = again
        self.fixed = tuple(fixed)
        self._fixed = {card.name: card for card in self.fixed}
        self._added: dict[str, tuple[int, RunCard]] = {}

    async def load(self) -> None:
        """Those of all workspaces, so that what a restart finds half done can go on."""
        async with self._db.read() as tables:
            rows = await tables.added_cards.all()
        for row in rows:
            await self._known(row)
        self._added = {row.id: self._added[row.id] for row in rows}
        self._renew(await asyncio.to_thread(self._again))

    def _renew(self, read: Iterable[RunCard]) -> None:
        """Take the newer tokens; all else of these cards, and which there are, waits for the next start."""
        fresh = {card.name: card for card in read if card.is_shared}
        self.fixed = tuple(_with_token_of(card, fresh.get(card.name)) for card in self.fixed)
        self._fixed = {card.name: card for card in self.fixed}

    async def follow(self, bus: Bus) -> None:
        """Until cancelled: what other processes change is known here as well."""
        with bus.follow(TOPIC) as bell:
            while True:
                await self.load()
                await bell.wait(LONGEST)

    async def of(self, member: Member) -> tuple[RunCard, ...]:
        """All that this member may connect, in the order shown: the workspace's own after the first of ours."""
        return (await self.sorted_out(member))[0]

    async def sorted_out(self, member: Member) -> tuple[tuple[RunCard, ...], tuple[RunCard, ...]]:
        """`of`, and those that this member could connect if administrators did not forbid it."""
        async with self._db.read() as tables:
            rows = await tables.added_cards.of(member.workspace)
            forbidden = await forbidden_cards(tables, member.workspace)
        mine = [await self._known(row) for row in rows if is_for(row, member) and not await self.hindrance(row)]
        every = (*self.fixed[:1], *mine, *self.fixed[1:])
        allowed = tuple(each for each in every if each.name not in forbidden)
        return allowed, tuple(each for each in every if each.name in forbidden)

    async def permits(self, member: Member, name: str) -> bool:
        return not await self.refusal(member, name)

    async def hindrance(self, row: AddedCard) -> str:
        """Why a program that is a card cannot be connected here now; empty: it can, or is none."""
        spec = program_of(row)
        if spec is None:
            return ""
        return await self._runs(spec) if row.pin == pin(spec) else UNCONFIRMED

    async def refusal(self, member: Member, name: str, command: StdioSpec | None = None) -> str:
        """Why this member may not use it, as a clause for people; ``command`` is what a connection would run."""
        if name in self._fixed:
            return UNCONFIRMED if command else ""
        async with self._db.read() as tables:
            row = await tables.added_cards.get(member.workspace, name)
        if row is None:
            self._added.pop(name, None)
            return NO_CARD
        await self._known(row)
        if not is_for(row, member):
            return NO_CARD
        return "" if command is None or (program_of(row) == command and row.pin == pin(command)) else UNCONFIRMED

    async def _known(self, row: AddedCard) -> RunCard:
        held = self._added.get(row.id)
        if held is None or held[0] != row.version:
            held = self._added[row.id] = (row.version, run_card(row, await self._secrets_of(row)))
        return held[1]

    async def _secrets_of(self, row: AddedCard) -> dict[str, str]:
        """None too where they cannot be had: the card then says that its server wants some."""
        if row.signs_in != "shared" or self._secrets is None:
            return {}
        try:
            return await self._secrets.read_all(self._db, holder_of(row.workspace_id), row.id)
        except (CannotOpen, StoreAway) as error:
            log.warning("the secrets of a workspace's card cannot be had: %s", error)
            return {}

    def __getitem__(self, name: str) -> RunCard:
        return self._fixed[name] if name in self._fixed else self._added[name][1]

    def __iter__(self) -> Iterator[str]:
        yield from self._fixed
        yield from self._added

    def __len__(self) -> int:
        return len(self._fixed) + len(self._added)


def _with_token_of(card: RunCard, fresh: RunCard | None) -> RunCard:
    """A token that is for another address by now is none for this one."""
    if not card.is_shared or fresh is None or fresh.server({}) != card.server({}):
        return card
    return replace(card, shared_secrets=fresh.shared_secrets)


def is_for(row: AddedCard, member: Member) -> bool:
    return not row.audience or member.id in row.audience


def holder_of(workspace: str) -> Member:
    """Whose the tokens of a workspace's cards are: no member's."""
    return Member(workspace, "*")
