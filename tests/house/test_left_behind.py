"""What goes on when who waits for it is cut off is not taken for over, and nothing of it is lost or done twice."""

import asyncio
import hashlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import make_url

from bot.services.chats.recording import Recorder
from bot.services.links.admission.passcodes import Passcodes
from bot.web.edge import watching
from bot.web.edge.context import SECURITY, TALLIES
from mcp_runtime.errors import ConnectFailed
from mcp_runtime.programs import Package
from mcp_runtime.sandbox.packages import cache
from mcp_runtime.secrets.outside.keyring_store import KeyringStore
from mcp_runtime.sessions import handshake
from mcp_runtime.sessions.lifetime.owned_session import OwnedSession, Terms
from mcp_runtime.sessions.pooled_session import PooledSession
from storage.bus.bus import LocalBus
from storage.bus.postgres import PostgresBus
from storage.tables import Connection

SOON = 60.0
A_WHILE = 0.2
"""Seconds in which what must not happen would."""


class Slow:
    """In threads: each is in it until it may go on."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.begun = threading.Semaphore(0)
        self.at_it = self.most = 0

    def __call__(self, *_: object, **__: object) -> bytes:
        self.at_it += 1
        self.most = max(self.most, self.at_it)
        self.begun.release()
        self.goes_on.wait(SOON)
        self.at_it -= 1
        return b"x" * 32

    def get_password(self, *_: object) -> str:
        self()
        return ""

    async def begins(self, within: float = SOON) -> bool:
        return await asyncio.to_thread(self.begun.acquire, timeout=within)


@pytest.fixture
def slow() -> Iterator[Slow]:
    slow = Slow()
    yield slow
    slow.goes_on.set()


def _hashes(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Awaitable[object]]:
    monkeypatch.setattr(hashlib, "scrypt", slow)
    codes = Passcodes()
    return lambda: codes.at_rest("open sesame")


def _asks_the_keyring(slow: Slow, _: pytest.MonkeyPatch) -> Callable[[], Awaitable[object]]:
    backend: Any = slow
    store = KeyringStore(backend)
    return lambda: store.get("a place")


@pytest.mark.parametrize(("way", "at_once"), [(_hashes, 2), (_asks_the_keyring, 1)])
async def test_who_asks_and_leaves_again_and_again_has_no_more_done_at_once(
    slow: Slow, monkeypatch: pytest.MonkeyPatch, way: Callable[..., Any], at_once: int
) -> None:
    """A browser that closes its connection cuts off what it asked for: a thread goes on."""
    act = way(slow, monkeypatch)
    for _ in range(at_once):
        leaving = asyncio.ensure_future(act())
        assert await slow.begins()
        leaving.cancel()
        await asyncio.wait({leaving})
        assert leaving.cancelled()
    staying = asyncio.ensure_future(act())
    assert not await slow.begins(A_WHILE)
    slow.goes_on.set()
    await staying
    assert slow.most == at_once


async def test_a_package_that_is_put_in_place_is_whole_whoever_is_cut_off(
    slow: Slow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its removal beside that would leave half of it under the name by which it counts as whole."""
    settled = cache._settled

    def slowly(out: Path, place: Path) -> Path:
        slow()
        return settled(out, place)

    async def installation(_: Package, out: Path, __: object) -> tuple[None, None]:
        (out / "tiny.js").write_text("1\n")
        return None, None

    async def outcome(*_: object) -> tuple[int, str]:
        return 0, ""

    async def way() -> Any:
        return None

    for name, instead in (("_settled", slowly), ("installation", installation), ("outcome", outcome)):
        monkeypatch.setattr(cache, name, instead)
    (lock := tmp_path / "lock").mkdir()
    (lock / "package-lock.json").write_text("{}")
    package, packages = Package("npm", lock), cache.Packages(tmp_path / "cache", way)
    task = packages.begin(package)
    assert await slow.begins()
    closing = asyncio.create_task(packages.close())
    await asyncio.wait({closing}, timeout=A_WHILE)
    slow.goes_on.set()
    await asyncio.wait({closing, task})
    place = packages.installed(package)
    assert place is not None and (place / "tiny.js").read_text() == "1\n"
    assert len([each for each in (tmp_path / "cache").iterdir() if each.is_dir()]) == 1


class Storing:
    """As security events and tallies are: it may commit, and be cut off before that is known."""

    def __init__(self) -> None:
        self.begun, self.goes_on = asyncio.Event(), asyncio.Event()
        self.ended = 0

    async def store(self) -> None:
        self.begun.set()
        await self.goes_on.wait()
        self.ended += 1


async def test_what_is_being_stored_when_the_pages_close_is_not_cut_off_and_stored_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "EVERY", 0)
    app, noted = web.Application(), Storing()
    there: Any = noted
    app[SECURITY] = app[TALLIES] = there
    stored = watching.storing(app)
    await anext(stored)
    await noted.begun.wait()
    closing = asyncio.ensure_future(anext(stored, None))
    for _ in range(5):
        await asyncio.sleep(0)
    noted.goes_on.set()
    await closing
    assert noted.ended == 4  # each by the one that was under way, and by the last


class Database(Storing):
    async def surely(self, *_: object, **__: object) -> Any:
        await self.store()
        return SimpleNamespace(events=[], messages=[])


async def test_a_transaction_of_a_turn_is_finished_though_also_who_waits_for_its_end_is_cut_off() -> None:
    turn = SimpleNamespace(id="t", doing=[], tokens=0, attempts=1)
    conversation = SimpleNamespace(id="c")
    opened: Any = SimpleNamespace(history=[], position=0, turn=turn, link=None, conversation=conversation)
    db: Any = Database()
    keeper = Recorder(db, LocalBus(), SimpleNamespace(), opened, lambda _: None)  # type: ignore[arg-type]
    keeping = asyncio.create_task(keeper.keep())
    await db.begun.wait()
    waiting = asyncio.create_task(keeper.quiet())
    for _ in range(3):
        await asyncio.sleep(0)
    for each in (keeping, waiting):
        each.cancel()
        await asyncio.sleep(0)
    db.goes_on.set()
    await asyncio.wait({keeping, waiting})
    assert keeping.cancelled() and waiting.cancelled()
    await keeper.quiet()
    assert db.ended == 1


async def test_a_change_that_was_heard_of_is_looked_at_though_who_looked_was_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or what the server offered before would hold for minutes more."""

    async def asked(_: object) -> None:
        """It offers something."""

    async def follow(_: object) -> None:
        await asyncio.sleep(SOON)

    monkeypatch.setattr(handshake, "asked", asked)
    greeter = handshake.Handshake(SimpleNamespace(), Connection(version=1, speaks={}))  # type: ignore[arg-type]
    monkeypatch.setattr(greeter, "_follow", follow)
    session: Any = SimpleNamespace(said_changed=True, speaks=None)
    looking = asyncio.create_task(greeter.greet(session))
    for _ in range(3):
        await asyncio.sleep(0)
    looking.cancel()
    await asyncio.wait({looking})
    assert session.said_changed


async def test_what_was_being_told_to_other_processes_at_the_end_is_told() -> None:
    told: list[str] = []
    begun = asyncio.Event()

    class Telling(PostgresBus):
        async def _listen(self) -> None:
            self._tried.set()

        async def _notify(self, some: list[str]) -> None:
            if not begun.is_set():
                begun.set()
                await asyncio.sleep(SOON)
            told.extend(some)

    engine = SimpleNamespace(url=make_url("postgresql+asyncpg://usher@localhost/usher"))
    async with Telling(engine).listening() as bus:  # type: ignore[arg-type]
        await bus.tell("a topic")
        await begun.wait()
    assert [each.split("\n")[2] for each in told] == ["a topic"]


async def test_who_waits_for_a_session_is_told_also_where_more_than_one_was_cut_off_in_it() -> None:
    """A group of them is no `Exception`."""

    async def opened(_: object) -> Any:
        raise BaseExceptionGroup("", [asyncio.CancelledError(), asyncio.CancelledError()])

    terms = Terms(opened, lambda _: asyncio.sleep(0), nullcontext(), connect_timeout=SOON)
    owned = OwnedSession("Notes", terms, None)
    await asyncio.wait({owned.task})
    async with asyncio.timeout(1):
        with pytest.raises(ConnectFailed):
            await owned.ready
    assert await owned.ended(SOON) is None


async def test_a_failure_whose_note_was_cut_off_is_told_by_whoever_meets_it_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else its member would never hear that the connection fails."""
    told: list[bool] = []

    async def note(_: object, __: str, *, anew: bool) -> None:
        told.append(anew)
        if len(told) == 1:
            raise asyncio.CancelledError

    nothing: Any = SimpleNamespace()
    pooled = PooledSession(nothing, Connection(status="connected"), nothing, nothing, SOON)
    monkeypatch.setattr(pooled, "_note", note)
    error = ConnectFailed("Notes", "it is away")
    with pytest.raises(asyncio.CancelledError):
        await pooled._failed(error)
    for _ in range(2):
        await pooled._failed(error)
    assert told == [True, True]
