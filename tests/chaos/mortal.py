"""An Usher in a process of its own that takes no start: a copy of one that has everything imported, and can be killed.

It kills itself, by SIGKILL, where it is told to: that moment is then the end of everything in it, as of any process.
"""

import asyncio
import importlib
import json
import os
import signal
import socket
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import aiohttp
import httpx2
import sqlalchemy as sa

from bot.agent.gemini import Gemini
from bot.agent.gemini.retry import Retry
from bot.slack.edge.calls.client import web_client
from storage.database import Database
from tests.support.audit import KEYS
from tests.support.gemini import FALLBACK, MODEL, before
from tests.support.slack import running_usher

LATE = (
    *("google.genai", "google.auth.aio.credentials", "rich.logging", "encodings.idna", "tracemalloc"),
    *("apscheduler.executors.asyncio", "apscheduler.triggers.interval", "slack_bolt.listener_matcher.async_builtins"),
)
"""What is imported when it is first used: here once, instead of once a copy."""
KINDS = ("step", "ask the database", "commit", "send a request", "hear an answer")
"""Where it can be cut off. A step is one round of the event loop: whatever waits for anything is among them."""


@dataclass(frozen=True)
class Around:
    """What a copy is connected to."""

    database: str
    slack: str
    bot_token: str
    app_token: str
    model: str


class Cutting:
    """Counts from `arm` on, and kills this process at the point it was given."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()
        self._at: tuple[str, int] | None = None

    def arm(self, kind: str, number: int) -> None:
        self.counted.clear()
        self._at = (kind, number)

    def __call__(self, kind: str) -> None:
        self.counted[kind] += 1
        if self._at == (kind, self.counted[kind]):
            os.kill(os.getpid(), signal.SIGKILL)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, cut: Cutting) -> None:
        super().__init__()
        self._cut = cut

    def _run_once(self) -> None:
        self._cut("step")
        super()._run_once()  # type: ignore[misc]


@dataclass
class Copies:
    """The process that everything is imported in, and that copies itself; one copy lives at a time."""

    orders: socket.socket
    talk: socket.socket
    failures: Path

    def start(self, around: Around) -> None:
        self.orders.sendall(json.dumps(asdict(around)).encode() + b"\n")

    async def arm(self, kind: str = "", number: int = 0) -> Counter[str]:
        """The living one counts from now on, and dies at that point; what it counted until now."""
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.talk, json.dumps([kind, number]).encode() + b"\n")
        return Counter(json.loads(await loop.sock_recv(self.talk, 1 << 16) or b"{}"))

    def kill(self) -> None:
        self.orders.sendall(b"kill\n")

    def failed(self) -> str:
        """Why one ended that was not killed."""
        return self.failures.read_text() if self.failures.exists() else ""


def copies(folder: Path) -> Copies:
    """Before threads and databases are there, which a copy would have without their life."""
    ours, its = socket.socketpair()
    talk, other = socket.socketpair()
    failures = folder / "failures"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that a process with threads is copied: it uses none
        pid = os.fork()
    if pid == 0:
        ours.close()
        talk.close()
        _copy_itself(its, other, failures)
    its.close()
    other.close()
    talk.setblocking(False)
    return Copies(ours, talk, failures)


def _copy_itself(orders: socket.socket, talk: socket.socket, failures: Path) -> NoReturn:
    for name in LATE:
        importlib.import_module(name)
    genai: Any = sys.modules["google.genai"]
    genai.Client(api_key="key").close()  # makes what it makes of its types when it is first used

    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)  # whoever reads what this run says would wait for the copies too
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    talk.setblocking(False)
    living = 0
    for line in orders.makefile("rb"):
        if line == b"kill\n":
            with suppress(ProcessLookupError):
                os.kill(living, signal.SIGKILL)
        elif (living := os.fork()) == 0:
            _live(Around(**json.loads(line)), talk, failures)
    if living:
        with suppress(ProcessLookupError):
            os.kill(living, signal.SIGKILL)
    os._exit(0)


def _live(around: Around, talk: socket.socket, failures: Path) -> NoReturn:
    cut = Cutting()
    try:
        _watch_requests(cut)
        with asyncio.Runner(loop_factory=lambda: _Loop(cut)) as runner:
            runner.run(_usher(around, cut, talk))
    except BaseException:
        failures.write_text(traceback.format_exc())
    os._exit(1)


async def _usher(around: Around, cut: Cutting, talk: socket.socket) -> None:
    db = Database(around.database, KEYS)
    _watch_database(db, cut)

    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0)

    model = Gemini("key", MODEL, FALLBACK, base_url=around.model, retry=Retry(3), sleep=at_once, today=before)
    slack: Any = SimpleNamespace(app_token=around.app_token, online=True, when=_is)
    async with aiohttp.ClientSession() as session:
        client = web_client(around.bot_token, session, around.slack)
        async with running_usher(slack, client, db, SimpleNamespace(model=model)):  # type: ignore[arg-type]
            loop = asyncio.get_running_loop()
            while line := await loop.sock_recv(talk, 1 << 16):
                counted = dict(cut.counted)
                cut.arm(*json.loads(line))
                await loop.sock_sendall(talk, json.dumps(counted).encode())


async def _is(predicate: Callable[[], Any]) -> None:
    """Whether Slack has it online is looked at by whoever started it."""


def _watch_database(db: Database, cut: Cutting) -> None:
    engine = db.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", lambda *_: cut("ask the database"))
    sa.event.listen(engine, "commit", lambda *_: cut("commit"))


def _watch_requests(cut: Cutting) -> None:
    """Of Slack's and the model's client, and of MCP's."""
    for owner, name in ((aiohttp.ClientSession, "_request"), (httpx2.AsyncClient, "send")):
        _watch(owner, name, getattr(owner, name), cut)


def _watch(owner: type, name: str, send: Any, cut: Cutting) -> None:
    async def watched(*args: Any, **kwargs: Any) -> Any:
        cut("send a request")
        answer = await send(*args, **kwargs)
        cut("hear an answer")
        return answer

    setattr(owner, name, watched)
