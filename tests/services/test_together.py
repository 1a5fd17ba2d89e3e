"""What many ask for at once is done in one go, and each has an answer of their own."""

import asyncio
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services.limits.budgets import Took, ledger
from bot.services.limits.budgets.accounts import of_member
from bot.services.limits.budgets.ledger import Ledger
from bot.services.limits.budgets.many import Wanted
from bot.services.limits.budgets.together import MOST, Together
from bot.services.limits.prices import DOLLAR
from storage import database
from storage.database import Database, Tables
from storage.repositories.repository import table_of
from storage.tables import Budget, ModelUsage, Reservation
from tests.support.engines import on_each_engine
from tests.support.statements import counted


class Clerk:
    """Doubles numbers, when it is let."""

    def __init__(self) -> None:
        self.goes: list[list[int]] = []
        self.undone: list[int] = []
        self.free = asyncio.Event()
        self.together = Together[int, int](self.double, self.undo)

    async def double(self, workspace: str, numbers: Sequence[int]) -> Sequence[int]:
        self.goes.append(list(numbers))
        await self.free.wait()
        if 13 in numbers:
            raise ValueError("not this one")
        return [2 * each for each in numbers]

    async def undo(self, workspace: str, asked: int, given: int) -> None:
        self.undone.append(asked)

    def ask(self, *numbers: int, workspace: str = "T1") -> list[asyncio.Task[int]]:
        return [asyncio.create_task(self.together.do(workspace, each)) for each in numbers]

    async def begun(self, goes: int = 1) -> None:
        async with asyncio.timeout(60):
            while len(self.goes) < goes:
                await asyncio.sleep(0)


async def test_who_comes_alone_is_served_at_once_and_who_comes_meanwhile_goes_with_the_next() -> None:
    clerk = Clerk()
    first = clerk.ask(1)
    await clerk.begun()
    rest = clerk.ask(2, 3, 4)
    elsewhere = clerk.ask(5, workspace="T2")
    await clerk.begun(2)
    clerk.free.set()
    assert await asyncio.gather(*first, *rest, *elsewhere) == [2, 4, 6, 8, 10]
    assert clerk.goes == [[1], [5], [2, 3, 4]]


async def test_no_go_is_so_long_that_others_would_wait() -> None:
    clerk = Clerk()
    clerk.free.set()
    assert await asyncio.gather(*clerk.ask(*range(20, 20 + 2 * MOST + 1))) == list(range(40, 42 + 4 * MOST, 2))
    assert [len(each) for each in clerk.goes] == [MOST, MOST, 1]


async def test_one_that_fails_harms_no_other() -> None:
    clerk = Clerk()
    clerk.free.set()
    found = await asyncio.gather(*clerk.ask(12, 13, 14), return_exceptions=True)
    assert (found[0], found[2]) == (24, 28) and isinstance(found[1], ValueError)


async def test_what_was_done_for_who_has_left_is_undone_and_for_who_left_before_nothing_is_done() -> None:
    clerk = Clerk()
    [first] = clerk.ask(1)
    await clerk.begun()
    second, third = clerk.ask(2, 3)
    await asyncio.sleep(0)
    for each in (first, second):
        each.cancel()
    await asyncio.wait({first, second})
    clerk.free.set()
    assert await third == 6
    assert (clerk.goes, clerk.undone) == ([[1], [3]], [1])


async def test_what_is_done_in_the_moment_in_which_one_leaves_is_undone_too() -> None:
    clerk = Clerk()
    [leaving] = clerk.ask(1)
    await clerk.begun()
    clerk.free.set()
    await asyncio.sleep(0)  # it is done, and who asked has had no turn since
    leaving.cancel()
    await asyncio.wait({leaving})
    await asyncio.wait(clerk.together._working or {leaving})
    assert leaving.cancelled() and clerk.undone == [1]


@pytest.fixture
async def asked_at_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    monkeypatch.setattr(ledger, "LOOKS", 0)
    async with db.begin() as tables:
        await tables.workspaces.ensure("T1")
    return Ledger(db)


@on_each_engine
async def test_forty_requests_at_once_are_paid_for_by_a_few_statements(db: Database, asked_at_once: Ledger) -> None:
    accounts = [of_member("T1", f"U{number % 8}") for number in range(40)]
    with counted(db) as statements:
        await asyncio.gather(*(asked_at_once.reserve(a, f"r{n}", 100 + n, 1_000) for n, a in enumerate(accounts)))
        took = [Took("gemini-2.5-flash", prompt=10 + n, money=n) for n in range(40)]
        await asyncio.gather(*(asked_at_once.settle("T1", f"r{n}", each) for n, each in enumerate(took)))
    assert len(statements) < 40
    async with db.read() as tables:
        held = {each.key.split(":", 2)[-1]: each for each in await tables.session.scalars(sa.select(Budget))}
        assert len(held) == 9
        whole = next(each for key, each in held.items() if not key.startswith("U"))
        assert (whole.tokens_spent, whole.money_spent) == (sum(range(10, 50)), sum(range(40)))
        assert held["U3"].tokens_spent == sum(10 + n for n in range(3, 40, 8))
        assert {(each.tokens_reserved, each.money_reserved) for each in held.values()} == {(0, 0)}
        rows = await tables.session.scalar(sa.select(sa.func.count()).select_from(table_of(ModelUsage)))
        left = await tables.session.scalar(sa.select(sa.func.count()).select_from(table_of(Reservation)))
    assert (rows, left) == (40, 0)


@on_each_engine
async def test_who_leaves_while_it_is_set_aside_has_nothing_set_aside(db: Database, asked_at_once: Ledger) -> None:
    async with db.begin() as tables:
        await tables.budgets.set_limit("T1", "workspace", money=DOLLAR)
    leaving = asyncio.create_task(asked_at_once.reserve(of_member("T1", "U1"), "r1", 100, DOLLAR))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait({leaving})
    await asked_at_once.reserve(of_member("T1", "U2"), "r2", 100, DOLLAR)
    async with db.read() as tables:
        assert [each.id for each in await tables.session.scalars(sa.select(Reservation))] == ["r2"]
        assert not list(await tables.session.scalars(sa.select(ModelUsage)))


async def test_what_goes_wrong_with_one_takes_from_the_others_nothing_that_was_set_aside(
    sqlite_db: Database, asked_at_once: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_itself, tried = ledger._reserve, list[str]()

    async def away_for_the_last(wanted: Wanted, tables: Tables, unanswered: Sequence[bool]) -> bool:
        tried.append(wanted.reservation.id)
        if wanted.reservation.id == "r4":
            raise OSError("gone")
        return await by_itself(wanted, tables, unanswered)

    monkeypatch.setattr(ledger, "_reserve", away_for_the_last)
    monkeypatch.setattr(database, "LOOKED_AFTER", ())
    amounts = {"r1": 1, "r2": 1, "r3": 2**60, "r4": 1, "r5": 1}  # not enough for all of them together
    asked = [asked_at_once.reserve(of_member("T1", "U1"), number, 100, money) for number, money in amounts.items()]
    async with sqlite_db.begin() as tables:
        await tables.budgets.set_limit("T1", "workspace", money=DOLLAR)
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in found] == [type(None), type(None), Refused, OSError, OSError]
    assert tried == ["r1", "r2", "r3", "r4"]
    async with sqlite_db.read() as tables:
        kept = await tables.session.scalars(sa.select(Reservation.id).order_by(Reservation.id))
        assert list(kept) == ["r1", "r2"]
