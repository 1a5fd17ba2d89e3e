"""What an operation of the interface is: its route and its description are both made from it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.services.tokens.access import Caller
from bot.services.tokens.scopes import Scope
from bot.web.edge.context import WebServices
from storage.members import Member

ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
"""What stands for a part of a path."""


class Given(BaseModel):
    """Of a query: text, as addresses have it, and nothing that is not known."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Sent(BaseModel):
    """Of a body: each value of the very type that is asked for."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)


class Told(BaseModel):
    """Of an answer."""

    model_config = ConfigDict(use_attribute_docstrings=True, defer_build=True)


@dataclass(frozen=True)
class Asked:
    """A request that was let in. ``query`` and ``body`` are of the operation's own kinds."""

    services: WebServices
    caller: Caller
    path: Mapping[str, str]
    query: Any
    body: Any
    once: str
    """The same for a request that is sent again; empty where its caller did not say."""

    @property
    def member(self) -> Member:
        return self.caller.member


@dataclass(frozen=True)
class Operation:
    """``path`` follows the `PREFIX` of the door; its answer is ``answer``, or nothing."""

    name: str
    tag: str
    method: str
    path: str
    summary: str
    scope: Scope | None
    """What the token has to be good for; None: any token will do."""
    run: Callable[[Asked], Awaitable[Told]]
    answer: type[Told]
    query: type[Given] | None = None
    body: type[Sent] | None = None
    status: int = 200
    admins: bool = False
    """Only for admins, asked of Slack each time."""

    @property
    def parts(self) -> list[str]:
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    @property
    def route(self) -> str:
        """Of aiohttp: parts that are no ids are not found."""
        return self.path.replace("}", f":{ID}}}")
