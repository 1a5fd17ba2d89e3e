"""The connections that are open, by the network they come from: none may take all that this process can have."""

import asyncio
import logging
import resource
from collections import Counter

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from bot.web.edge.callers import Networks, among, blocks, parsed

MOST = {32: 500, 64: 500, 48: 2000}
"""Of one network, by the length of its prefix: an office is one address, and each of its guests has a few."""
PART = 0.8
"""Of the descriptors of this process; the rest is for its database, its model, its members' servers."""

log = logging.getLogger(__name__)


class Crowd:
    """Whose connection is one too many is closed at once: proxies that were named speak for many, and have no bound."""

    def __init__(self, proxies: Networks, descriptors: int | None = None) -> None:
        self.open = self.refused = 0
        self.most = int(PART * (descriptors or resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
        self._proxies = proxies
        self._held: Counter[str] = Counter()
        self._of: dict[RequestHandler, tuple[str, ...]] = {}
        self._told = False

    def watch(self, runner: web.AppRunner) -> None:
        """All connections of this server; call it once the server is set up."""
        server = runner.server
        if server is None:
            raise RuntimeError("a server that is not set up")
        made, lost = server.connection_made, server.connection_lost

        def come(handler: RequestHandler, transport: asyncio.Transport) -> None:
            peer = transport.get_extra_info("peername")
            if self.takes(handler, peer[0] if peer else ""):
                made(handler, transport)
            else:
                transport.abort()

        def go(handler: RequestHandler, exc: BaseException | None = None) -> None:
            self.leave(handler)
            lost(handler, exc)

        server.connection_made, server.connection_lost = come, go  # type: ignore[method-assign]

    def takes(self, handler: RequestHandler, peer: str) -> bool:
        """False: it is one too many, of its network or of all."""
        found = parsed(peer)
        own = found is None or found.is_loopback or among(found, self._proxies)
        networks = () if found is None or own else blocks(found)
        if self.open >= self.most:
            self._tell("%d connections are open, the most for this process: raise its limit of open files", self.open)
            return False
        if full := next((each for each in networks if self._held[each] >= _most(each)), ""):
            self._tell("%d connections are open from one network, and no more are taken", self._held[full])
            return False
        self.open += 1
        self._held.update(networks)
        self._of[handler] = networks
        return True

    def leave(self, handler: RequestHandler) -> None:
        networks = self._of.pop(handler, None)
        if networks is None:
            return  # one that was not taken
        self.open -= 1
        for each in networks:
            self._held[each] -= 1
            if not self._held[each]:
                del self._held[each]
        self._told = self._told and bool(self.open)

    def _tell(self, what: str, number: int) -> None:
        """Once, until it is quiet again."""
        self.refused += 1
        if not self._told:
            log.warning(what, number)
            self._told = True


def _most(network: str) -> int:
    return MOST[int(network.rpartition("/")[2])]
