"""An open session, as its owner holds it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import anyio
from mcp import Client

from mcp_runtime.sessions.calls_under_way import CallsUnderWay
from mcp_runtime.sessions.speaks import UNKNOWN, Speaks
from mcp_runtime.transports.fair_turns import FairTurns
from mcp_runtime.transports.tolerant_answers import TolerantAnswers


@dataclass
class Session:
    """``ended`` is set when the peer has gone; ``said_changed``: it told us that its tools have changed."""

    client: Client
    ended: anyio.Event
    answers: TolerantAnswers
    calls: CallsUnderWay = field(default_factory=CallsUnderWay)
    turns: FairTurns = field(default_factory=FairTurns)
    """For work on what it says."""
    said_changed: bool = False
    speaks: Speaks = UNKNOWN
    """How it was reached."""
    of_no_use: Mapping[str, str] = field(default_factory=dict)
    """Tools that could only fail where its server runs, by name, with the reason."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with each of both, for whoever waits for it."""
    awaited: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once somebody waits for what it will tell."""
    beside_changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and another put in its place, when it told us that its resources or prompts have changed."""
    said_changed_beside: bool = False
    """It told us so, and that is not noted yet."""

    def hear_of_change(self) -> None:
        self.said_changed = True
        self.news.set()

    def hear_of_change_beside(self, *, perhaps: bool = False) -> None:
        """All who look at what it offers beside tools hear it, each of them once. ``perhaps``: it has not said so."""
        told, self.beside_changed = self.beside_changed, asyncio.Event()
        told.set()
        if not perhaps:
            self.said_changed_beside = True
            self.news.set()
