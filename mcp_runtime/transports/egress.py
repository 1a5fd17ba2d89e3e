"""A workspace's own list of hosts, minded where something is dialled that no connection has been marked for yet."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx2

from mcp_runtime.addresses import Reach, Refused
from mcp_runtime.errors import NotPermitted
from mcp_runtime.specs import ServerSpec, as_json
from storage.rules.egress import ANYWHERE, HTTP, HTTPS, Egress

EgressOf = Callable[[str], Awaitable[Egress]]
"""What a workspace lets be reached, at this moment."""
OUTSIDE = "{} is not among the hosts that your workspace's admins let be reached"
ASK = "Ask one of them to allow it."
LONGEST_NAME = 80


class OutsideHost(Refused):
    """``host`` is none of the workspace's."""

    def __init__(self, host: str) -> None:
        super().__init__("a host that administrators do not let be reached")
        self.host = host[:LONGEST_NAME]


@dataclass(frozen=True)
class Narrowed(Reach):
    """As an installation allows, and within what a workspace does."""

    egress: Egress = ANYWHERE

    @classmethod
    def to(cls, egress: Egress, reach: Reach) -> Reach:
        return reach if egress.hosts is None else cls(reach.hosts, reach.networks, egress)

    def check_url(self, url: httpx2.URL) -> None:
        super().check_url(url)
        if not self.egress.lets(url.host, url.port or (HTTPS if url.scheme == "https" else HTTP)):
            raise OutsideHost(url.host)


async def everywhere(_: str) -> Egress:
    """Where no workspace has a list."""
    return ANYWHERE


def check(egress: Egress, spec: ServerSpec, title: str) -> None:
    """Raises `NotPermitted` for what leads elsewhere, before anything of it is dialled."""
    if host := egress.outside(as_json(spec)):
        raise NotPermitted(title, OUTSIDE.format(host[:LONGEST_NAME]), ASK)
