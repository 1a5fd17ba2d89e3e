"""What the sidecar is given, and where its handlers find it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import web

from bot.services.chats import Chats
from bot.services.connections import Connections
from bot.services.links import Links
from bot.services.links.hosting import Hosting
from bot.services.tickets.new_tokens import NewTokens
from bot.services.tickets.slack_install import SlackInstall
from bot.services.tokens.internal import InternalTokens
from bot.services.watch.security_events import SecurityEvents
from bot.services.watch.tallies import Tallies
from bot.web.edge.assets import Assets
from bot.web.edge.callers import Gate, Networks
from bot.web.edge.crowd import Crowd
from bot.web.live_viewers import LiveViewers
from storage.bus.bus import Bus
from storage.database import Database

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class LoopSeen(Protocol):
    """``stalls`` are so many since the start; ``lag`` is in seconds, by quantile."""

    stalls: int

    def lag(self) -> Mapping[str, float]: ...


@dataclass(frozen=True)
class Inner:
    """An ASGI app, and what has to run as long as it answers."""

    app: Callable[..., Awaitable[None]]
    running: Callable[[], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class SlackbotDoor:
    """By which Slack's own assistant comes to the MCP server."""

    is_slacks: Callable[[str, str, str], bool]
    """Whether this body, with its time and its signature, is of Slack and of now."""
    tokens: InternalTokens
    make: Callable[[], Inner]
    by_team: bool = False
    """Each team is a workspace by itself; else an organisation is one, as it is in events."""


@dataclass(frozen=True)
class WebServices:
    links: Links
    chats: Chats
    hosting: Hosting
    connections: Connections
    db: Database
    bus: Bus
    ready: Callable[[], Awaitable[dict[str, str]]]
    """Each part's name and "ok", or what is wrong with it."""
    sign: Callable[[str, str], str | None] = lambda nonce, question: None
    """Of `usher doctor`'s nonce and its question; None: it is not ours to answer."""

    security: SecurityEvents | None = None
    """Takes what looks like an attack; without one, the app makes its own."""
    loop: "LoopSeen | None" = None
    """How late the event loop runs, where somebody watches it."""
    new_tokens: NewTokens | None = None
    """Makes members' access tokens; without it there are none."""
    mcp: "Callable[[], Inner] | None" = None
    """Makes Usher's own MCP server, when somebody comes to it."""
    slackbot: SlackbotDoor | None = None
    """Without Slack's signing secret nobody could tell it from a forgery."""
    install: SlackInstall | None = None
    """Where many workspaces are served: each installs the app itself."""


@dataclass(frozen=True)
class Pace:
    """Seconds, but for the counts at the end."""

    heartbeat: float = 15.0
    write: float = 5.0
    life: float = 600.0
    jitter: float = 0.2
    poll: float = 20.0
    gather: float = 0.4
    """How long a poll waits for more running text before it answers."""
    streams: int = 6000
    """Open at once in this process."""
    streams_each: int = 3
    """Open at once for one guest; one more closes the oldest."""
    readings: int = 300
    """Of one guest's chat in a minute, streams aside, or of one page of a member's."""


@dataclass(frozen=True)
class Monitoring:
    """Who may read what is for those inside."""

    apart: bool = False
    """It is answered at another address."""
    token: str = field(default="", repr=False)
    """Has to come with the request, when it is set."""


@dataclass(frozen=True)
class Site:
    """Where the pages are reached from outside, and by whom they may be called.

    Its gates guard this process alone and hold what only looks, which may write nothing: what guests do is counted in
    the database, for all processes together.
    """

    base_url: str
    proxies: Networks
    pace: Pace
    accent: str = ""
    """Its own colour; empty: Usher's."""
    loads: Gate = field(default_factory=lambda: Gate(60, 600))
    misses: Gate = field(default_factory=lambda: Gate(20, 600))
    refusals: Gate = field(default_factory=lambda: Gate(10, 10))
    """Of one guest's messages. More is held here: to ask the database about each of a flood would delay all guests."""

    monitoring: Monitoring = Monitoring()

    def __post_init__(self) -> None:
        if not self.https and urlsplit(self.base_url).hostname not in LOOPBACK:
            raise ValueError("plain http would show the links' secrets to the network: use https")

    @cached_property
    def readings(self) -> Gate:
        """Of one guest's chat: each answer holds all of it in memory until it was read."""
        return Gate(self.pace.readings, 60)

    @cached_property
    def https(self) -> bool:
        return urlsplit(self.base_url).scheme == "https"

    @cached_property
    def origin(self) -> str:
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"


SERVICES = web.AppKey("services", WebServices)
SITE = web.AppKey("site", Site)
ASSETS = web.AppKey("assets", Assets)
ROOMS = web.AppKey("rooms", LiveViewers)
SECURITY = web.AppKey("security", SecurityEvents)
TALLIES = web.AppKey("tallies", Tallies)
CROWD = web.AppKey("crowd", Crowd)
STOPPING = web.AppKey("stopping", asyncio.Event)
