"""All cards there are, by name; and which of them a member may connect, read anew each time."""

from collections.abc import Iterable, Iterator, Mapping

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


class Shelf(Mapping[str, RunCard]):
    """As a mapping it holds what was last read: to know a card by its name is no permission to use it."""

    def __init__(self, db: Database, fixed: Iterable[RunCard]) -> None:
        self._db = db
        self.fixed = tuple(fixed)
        self._fixed = {card.name: card for card in self.fixed}
        self._added: dict[str, tuple[int, RunCard]] = {}

    async def load(self) -> None:
        """Those of all workspaces, so that what a restart finds half done can go on."""
        async with self._db.read() as tables:
            rows = await tables.added_cards.all()
        self._added = {row.id: (row.version, run_card(row)) for row in rows}

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
        mine = [self._known(row) for row in rows if is_for(row, member)]
        return *self.fixed[:1], *mine, *self.fixed[1:]

    async def permits(self, member: Member, name: str) -> bool:
        if name in self._fixed:
            return True
        async with self._db.read() as tables:
            row = await tables.added_cards.get(member.workspace, name)
        if row is None:
            self._added.pop(name, None)
            return False
        self._known(row)
        return is_for(row, member)

    def _known(self, row: AddedCard) -> RunCard:
        held = self._added.get(row.id)
        if held is None or held[0] != row.version:
            held = self._added[row.id] = (row.version, run_card(row))
        return held[1]

    def __getitem__(self, name: str) -> RunCard:
        return self._fixed[name] if name in self._fixed else self._added[name][1]

    def __iter__(self) -> Iterator[str]:
        yield from self._fixed
        yield from self._added

    def __len__(self) -> int:
        return len(self._fixed) + len(self._added)


def is_for(row: AddedCard, member: Member) -> bool:
    return not row.audience or member.id in row.audience


def run_card(row: AddedCard) -> RunCard:
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
        notes=(ADDED, OPEN) if row.signs_in == "none" else (ADDED,),
        example=next(iter(questions), ""),
        questions=questions[1:],
        oauth=OAuth() if row.signs_in == "oauth" else None,
    )


def _places(row: AddedCard) -> tuple[SecretPlace, ...]:
    if row.signs_in != "token" or row.header.casefold() == "authorization":
        return BEARER
    return (SecretPlace(TOKEN, row.header, ""),)


def _token(value: str) -> str | None:
    return needed(value) or one_word(value)
