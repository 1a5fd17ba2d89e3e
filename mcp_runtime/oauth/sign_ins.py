"""Signing in, step by step, each over a guarded client of its own and within its time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import httpx2

from mcp_runtime.addresses import Refused
from mcp_runtime.errors.challenges import Challenge
from mcp_runtime.oauth import authorizing, token_endpoint
from mcp_runtime.oauth.discovery import Discovered, discover
from mcp_runtime.oauth.errors import SignInImpossible, SignInServerAway
from mcp_runtime.oauth.grants import Grant, Pending
from mcp_runtime.oauth.registration import Registered, Site, client_at
from mcp_runtime.transports.egress import ASK, OUTSIDE, OutsideHost

OpenClient = Callable[[str], AbstractAsyncContextManager[httpx2.AsyncClient]]
"""For a workspace, which may let fewer hosts be reached."""

WITHIN = 15.0
"""Seconds for a step; shorter than the lease under which one process renews a grant."""
NOT_ALLOWED = "its sign-in server is at an address that I may not call"
ITS_SERVER = "it is signed in to elsewhere, and {}"
TELL = "Please tell an administrator."


@dataclass(frozen=True)
class Begun:
    """The member goes to ``url``; ``state`` is what comes back with them."""

    url: str
    state: str
    pending: Pending


class SignIns:
    """``server`` is always the title of the connection, for errors, whose words hold nothing of the other side's but
    its host. ``workspace`` is whose member signs in.

    ``open_client`` gives a client that is guarded like the connection's own, so that no document of a stranger's
    leads us to an inner address. Each method raises a subclass of `ServerError` of this folder, and no other.
    """

    def __init__(self, open_client: OpenClient, registered: Registered | None = None) -> None:
        self._open_client = open_client
        self.registered = registered or Registered()

    async def discover(
        self, server: str, url: str, challenge: Challenge | None, workspace: str = ""
    ) -> Discovered | None:
        async with self._asking(server, workspace) as http:
            return await discover(http, server, url, challenge, lambda issuer: self.registered.at(issuer) is not None)

    async def begin(
        self,
        server: str,
        found: Discovered,
        site: Site,
        *,
        needed: Sequence[str] = (),
        challenge: Challenge | None = None,
        granted: Grant | None = None,
        workspace: str = "",
    ) -> Begun:
        known = granted.client if granted else None
        async with self._asking(server, workspace) as http:
            client = await client_at(http, server, found.server, site, self.registered, known)
        scope = authorizing.scope_for(found, needed, challenge, granted)
        return Begun(*authorizing.begin(found, client, site.redirect_uri, scope))

    async def finish(self, server: str, pending: Pending, code: str, workspace: str = "") -> Grant:
        """The code is good once. `token_endpoint.check_issuer` comes before."""
        async with self._asking(server, workspace) as http:
            return await token_endpoint.exchange(http, server, pending, code)

    async def refresh(self, server: str, grant: Grant, workspace: str = "") -> Grant:
        async with self._asking(server, workspace) as http:
            return await token_endpoint.refresh(http, server, grant)

    async def revoke(self, server: str, grant: Grant) -> bool:
        """Wherever it was given: what must not be used is ended there."""
        async with self._asking(server) as http:
            return await token_endpoint.revoke(http, grant)

    @asynccontextmanager
    async def _asking(self, server: str, workspace: str = "") -> AsyncIterator[httpx2.AsyncClient]:
        try:
            async with asyncio.timeout(WITHIN), self._open_client(workspace) as http:
                yield http
        except OutsideHost as outside:
            raise SignInImpossible(server, ITS_SERVER.format(OUTSIDE.format(outside.host)), ASK) from None
        except Refused:
            raise SignInImpossible(server, NOT_ALLOWED, TELL) from None
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, TimeoutError):
            # Without the cause, whose text may quote an address.
            raise SignInServerAway(server) from None
