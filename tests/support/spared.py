"""What each of thousands of houses would work out anew: statements, listeners' arguments, passcodes that take long."""

import hashlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from types import CodeType
from typing import Any
from unittest.mock import patch

from slack_bolt.listener.async_listener import AsyncCustomListener
from slack_bolt.util import utils
from sqlalchemy import Engine
from sqlalchemy.orm import Mapper
from sqlalchemy.util import LRUCache

from storage.engines import journal

MOST = 10_000
"""Statements kept; a whole run of the suite has fewer."""


class OfAnyEngine(LRUCache[Any, Any]):
    """SQLAlchemy keeps a compiled statement for one dialect's engine; those of one kind of database compile alike."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_its_kind(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_of_its_kind(key), value)


def _of_its_kind(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *rest = key
    return (type(dialect), *rest)


@contextmanager
def compiled_once() -> Iterator[None]:
    """To make the SQL of the same statements anew for each test was a fifth of the time of a test with a house."""
    kept = OfAnyEngine(MOST)
    # Engines set one of their own when they are made: they are left with this one.
    of_all = property(lambda _engine: kept, lambda _engine, _own: None)
    with patch.object(Engine, "_compiled_cache", of_all, create=True), patch.object(Mapper, "_compiled_cache", kept):
        yield


@contextmanager
def unsynced() -> Iterator[None]:
    """No test cuts the power: what is written outlives a process that is killed in any case."""
    with patch.object(journal, "SYNCHRONOUS", "OFF"):
        yield


PATIENCE = 60.0
FOR_PEOPLE = {
    "bot.doctor.checks": ("PATIENCE",),
    "bot.doctor.database_checks": ("WITHIN",),
    "bot.doctor.model_check": ("WITHIN",),
    "bot.doctor.secret_store_check": ("WITHIN",),
    "bot.services.files.checking": ("PATIENCE",),
    "bot.slack.acts.admins": ("WITHIN",),
    "bot.slack.edge.people.colleagues": ("WITHIN", "ASKED"),
    "bot.slack.edge.people.profiles": ("WITHIN",),
    "bot.slack.incoming.thread": ("WITHIN",),
    "bot.slack.listeners.approvals.deciding": ("SOON",),
    "bot.slack.listeners.connections.submissions": ("GRACE",),
    "bot.slack.listeners.connections.trial_window": ("GRACE",),
    "bot.slack.listeners.turns.closing": ("SOON",),
    "mcp_runtime.sandbox.network.dial": ("PATIENCE",),
    "mcp_runtime.sandbox.network.way_out": ("HEAD_WITHIN", "TAKEN_WITHIN"),
    "mcp_runtime.sandbox.packages.tools": ("ASKED_WITHIN",),
    "mcp_runtime.sandbox.probe": ("PATIENCE",),
    "mcp_runtime.sessions.pool": ("RECORDED_WITHIN", "RENEWED_WITHIN"),
    "mcp_runtime.transports.large.reading": ("PATIENCE",),
    "mcp_runtime.transports.older_sse": ("PATIENCE",),
    "mcp_runtime.transports.tolerant_answers": ("PROBE_SECONDS",),
    "storage.database": ("WRITERS_WAIT",),
    "storage.engines.engine": ("CONNECTION_FREE_WITHIN",),
}
"""How long somebody is left waiting before they are told something else. A test that looks at that sets it."""


ENDING = 10.0
WHAT_ENDS = {
    "bot.running.jobs": ("CANCELLED_WITHIN",),
    "bot.running.turns.worker": ("CANCELLED_WITHIN",),
    "bot.services.approvals.elicitations.asker": ("CLOSING_WITHIN",),
    "mcp_runtime.sessions.pool": ("RECORDED_WITHIN",),
    "storage.bus.postgres": ("LAST_WORDS",),
}
"""How long a stop waits for what is cut off to be noted; what is not noted then is left to a lease that lapses."""


@contextmanager
def ends_noted() -> Iterator[None]:
    """A whole process has one deadline over all of it: this is for parts of it, whose ends a test looks at."""
    with _patient(WHAT_ENDS, ENDING):
        yield


@contextmanager
def _patient(limits: Mapping[str, Sequence[str]], seconds: float) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        for name in limits.keys() & sys.modules.keys():
            for limit in limits[name]:
                stack.enter_context(patch.object(sys.modules[name], limit, seconds))
        yield stack


@contextmanager
def waiting_their_turn() -> Iterator[None]:
    """A machine at which six tests work at once may take longer for anything than anybody should wait."""
    with _patient(FOR_PEOPLE, PATIENCE) as stack:
        # Bolt sets one on each listener: they are left with this one.
        waits = property(lambda _listener: PATIENCE, lambda _listener, _own: None)
        stack.enter_context(patch.object(AsyncCustomListener, "ack_timeout", waits, create=True))
        yield


@contextmanager
def signatures_read_once() -> Iterator[None]:
    """Bolt asks each of some two hundred listeners for the names of its arguments, which are those of its code."""
    known: dict[CodeType, list[str]] = {}
    first = utils.get_arg_names_of_callable

    def names(listener: Callable[..., Any]) -> list[str]:
        code = getattr(inspect.unwrap(listener), "__code__", None)
        if code is None:
            return first(listener)
        if code not in known:
            known[code] = first(listener)
        return list(known[code])

    with ExitStack() as stack:
        for module in [module for name, module in sys.modules.items() if name.startswith("slack_bolt.")]:
            if getattr(module, first.__name__, None) is first:
                stack.enter_context(patch.object(module, first.__name__, names))
        yield


SCRYPT = hashlib.scrypt


@contextmanager
def passcodes_hashed_lightly() -> Iterator[None]:
    """As the product does it, but for how long and how much memory it takes; one test holds that."""

    def lightly(password: bytes, **told: Any) -> bytes:
        return SCRYPT(password, **{**told, "n": 2})

    with patch.object(hashlib, "scrypt", lightly):
        yield
