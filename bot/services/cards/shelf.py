"""All cards there are, by name; and which of them a member may connect, read anew each time."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from mcp_runtime.secrets import CannotOpen, SecretStore, StoreAway
from mcp_runtime.specs import BEARER, TOKEN, HttpSpec, SecretPlace, ServerSpec
from run_cards.card import Field, OAuth, RunCard, Values, needed
from run_cards.checks import one_word
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.tables import AddedCard

TOPIC = "cards"
LONGEST = 60.0
OPEN = "It needs no account: one click connects it."
ADDED = "Added by your workspace's admins."
NOTES = {"none": (OPEN,), "shared": ("One click: it uses a token that your admins entered for everybody.",)}
log = logging.getLogger(__name__)


ReadAgain = Callable[[], Iterable[RunCard]]


class Shelf(Mapping[str, RunCard]):
    """As a mapping it holds what was last read: to know a card by its name is no permission to use it.

    ``again`` reads the installation's own file once more, whose tokens may lie in files that are replaced.
    """

    def __init__(
        self,
        db: Database,
        fixed: Iterable[RunCard],
        again: ReadAgain = tuple,
        secrets: SecretStore | None = None,
    ) -> None:
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
        fresh = {card.name: card for card in read if card.shared}
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
        async with self._db.read() as tables:
            rows = await tables.added_cards.of(member.workspace)
        mine = [await self._known(row) for row in rows if is_for(row, member)]
        return *self.fixed[:1], *mine, *self.fixed[1:]

    async def permits(self, member: Member, name: str) -> bool:
        if name in self._fixed:
            return True
        async with self._db.read() as tables:
            row = await tables.added_cards.get(member.workspace, name)
        if row is None:
            self._added.pop(name, None)
            return False
        await self._known(row)
        return is_for(row, member)

    async def _known(self, row: AddedCard) -> RunCard:
        held = self._added.get(row.id)
        if held is None or held[0] != row.version:
            held = self._added[row.id] = (row.version, run_card(row, await self._token_of(row)))
        return held[1]

    async def _token_of(self, row: AddedCard) -> str | None:
        """None too where it cannot be had: the card then says that its server wants one."""
        if row.signs_in != "shared" or self._secrets is None:
            return None
        try:
            return await self._secrets.read(self._db, holder_of(row.workspace_id), row.id)
        except (CannotOpen, StoreAway) as error:
            log.warning("the token of a workspace's card cannot be had: %s", error)
            return None

    def __getitem__(self, name: str) -> RunCard:
        return self._fixed[name] if name in self._fixed else self._added[name][1]

    def __iter__(self) -> Iterator[str]:
        yield from self._fixed
        yield from self._added

    def __len__(self) -> int:
        return len(self._fixed) + len(self._added)


def _with_token_of(card: RunCard, fresh: RunCard | None) -> RunCard:
    """A token that is for another address by now is none for this one."""
    if not card.shared or fresh is None or fresh.server({}) != card.server({}):
        return card
    return replace(card, shared=fresh.shared)


def is_for(row: AddedCard, member: Member) -> bool:
    return not row.audience or member.id in row.audience


def holder_of(workspace: str) -> Member:
    """Whose the tokens of a workspace's cards are: no member's."""
    return Member(workspace, "*")


def run_card(row: AddedCard, shared: str | None = None) -> RunCard:
    url, places = row.url, _places(row)

    def server(values: Values) -> ServerSpec:
        return HttpSpec(url, secrets=places)

    questions = tuple(row.questions)
    return RunCard(
        name=row.id,
        title=row.title,
        about=row.about,
        fields=(Field(TOKEN, "Access token", secret=True, check=_token),) if row.signs_in == "token" else (),
        server=server,
        reads=frozenset(row.reads),
        icon=f":{row.icon}:",
        notes=(ADDED, *NOTES.get(row.signs_in, ())),
        example=next(iter(questions), ""),
        questions=questions[1:],
        oauth=OAuth() if row.signs_in == "oauth" else None,
        shared=shared,
    )


def _places(row: AddedCard) -> tuple[SecretPlace, ...]:
    if row.signs_in not in ("token", "shared") or row.header.casefold() == "authorization":
        return BEARER
    return (SecretPlace(TOKEN, row.header, ""),)


def _token(value: str) -> str | None:
    return needed(value) or one_word(value)
