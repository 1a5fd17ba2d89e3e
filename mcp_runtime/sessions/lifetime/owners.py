"""Owners of sessions are made: how long each may take to open, how long it stays, how many programs start at once."""

import asyncio
import os
from contextlib import nullcontext
from typing import Any

from mcp_runtime.sessions.lifetime.session_owner import Greet, SessionOwner
from mcp_runtime.sessions.lifetime.slots import Slots
from mcp_runtime.specs import HttpSpec, ServerSpec

HTTP_STAYS = 12
"""Times as long as a program: a session over HTTP costs next to nothing."""


class Owners:
    """Times are in seconds."""

    def __init__(self, connect_timeout: float, idle_after: float) -> None:
        self._connect_timeout = connect_timeout
        self._idle_after = idle_after
        # Fifty programs that start at once on two cores take ten times as long, each.
        self._starting = asyncio.Semaphore(max(2, os.cpu_count() or 1))

    def owner(
        self,
        title: str,
        spec: ServerSpec,
        opening: Any,
        greet: Greet,
        predecessor: SessionOwner | None = None,
        look_again: Greet | None = None,
        crowd: Slots | None = None,
        times: int = 1,
    ) -> SessionOwner:
        """``times`` as long as usual may it take to open; it opens after its ``predecessor`` has closed."""
        over_http = isinstance(spec, HttpSpec)
        return SessionOwner(
            title,
            opening,
            greet,
            nullcontext() if over_http else self._starting,
            connect_timeout=self._connect_timeout * times,
            idle_after=self._idle_after * (HTTP_STAYS if over_http else 1),
            predecessor=predecessor,
            look_again=look_again,
            crowd=crowd,
        )
