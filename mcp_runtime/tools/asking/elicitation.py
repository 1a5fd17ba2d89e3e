"""What a server asks of a person in the middle of a call, as far as it may, and what comes back."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from mcp_runtime.tools.asking.form_members import alternatives, deeper, kinds
from mcp_runtime.tools.asking.secret_questions import asks_in_words, secretive_field

LONGEST_MESSAGE = 2000
MOST_FIELDS = 20
LONGEST_SCHEMA = 30_000
"""Characters of its JSON."""
DEEPEST = 20
"""Levels of it: each is gone down, and a form that anybody fills in has five."""
PLAIN_KINDS = ("string", "number", "integer", "boolean")

Action = Literal["accept", "decline", "cancel"]


@dataclass(frozen=True)
class Hold:
    """The call waits while something is done on a page: until ``done``, as the server says, and no longer than this."""

    seconds: float
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class ElicitationRequest:
    """``message``, ``schema`` and ``url`` are a stranger's; a form has a schema, else there is a page to open."""

    server: str
    connection_id: str
    tool: str
    """As people call it; empty where it may be another call of this server that asks."""
    message: str
    schema: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    number: str = ""
    """The server's own for a page, by which it tells that all is done there."""
    hold: Hold | None = None
    """For a page after which it is we who go on; None where the server itself waits for what is done there."""


@dataclass(frozen=True)
class ElicitationReply:
    action: Action
    content: dict[str, Any] | None = field(default=None, repr=False)


DECLINED = ElicitationReply("decline")


class Asker(Protocol):
    """Reaches the person for whom a call is made."""

    @property
    def private(self) -> bool:
        """Nobody else reads what they are asked."""

    async def ask(self, request: ElicitationRequest) -> ElicitationReply:
        """Within some minutes; what nobody answers by then is cancelled.

        With a hold it takes as long as that too: the person may say themselves that all is done on the page.
        """

    async def completed(self, connection_id: str, number: str) -> None:
        """The server says that what it wanted to be done on its page is done."""


TOO_PRIVATE = (
    "It asked for what looks like a password or key ({}). Usher puts none into a form: the question was declined."
)
TOO_LARGE = "It asked for more than a form can hold, so the question was declined."
NOT_FLAT = "It asked in a form that Usher cannot show, so the question was declined."
NO_PAGE = "It wanted a page to be opened whose address Usher does not show to anybody, so it was declined."


def unfit(request: ElicitationRequest) -> str:
    """Why nobody is asked this, in a sentence for the model; empty when somebody may be."""
    return _unfit_page(request.url) if request.url else _unfit_form(request.message, request.schema)


def _unfit_form(message: str, schema: Mapping[str, Any]) -> str:
    """Only what is flat: a stranger's schema may be anything."""
    members = schema.get("properties", {})
    if schema.get("type", "object") != "object" or not isinstance(members, Mapping):
        return NOT_FLAT
    if len(members) > MOST_FIELDS or deeper(schema, DEEPEST) or len(str(schema)) > LONGEST_SCHEMA:
        return TOO_LARGE
    if not all(isinstance(each, Mapping) and _is_flat(each) for each in members.values()):
        return NOT_FLAT
    secretive = secretive_field(members)
    if secretive is not None:
        return TOO_PRIVATE.format(re.sub(r"[^\w -]", "", secretive)[:60])
    return TOO_PRIVATE.format("in its message") if asks_in_words(message, members) else ""


def _is_flat(member: Mapping[str, Any]) -> bool:
    """One value, a choice, or several of them; or nothing instead, as older servers write what may be left out."""
    if kinds(member) == ["array"]:
        items = member.get("items")
        return isinstance(items, Mapping) and any(word in items for word in ("enum", "anyOf", "oneOf"))
    return _is_plain(member)


def _is_plain(member: Mapping[str, Any]) -> bool:
    if "const" in member or isinstance(member.get("enum"), list):
        return kinds(member) != ["object"]
    if found := kinds(member):
        return all(each in PLAIN_KINDS for each in found)
    options = alternatives(member)
    return bool(options) and all(isinstance(each, Mapping) and _is_plain(each) for each in options)


def _unfit_page(url: str) -> str:
    """A server may name `javascript:`, or a host that only looks like another one's; it is opened by a person."""
    try:
        parts = urlsplit(url)
        host, plain = parts.hostname or "", url.isascii() and url.isprintable() and not set(url) & set(" \\")
        named = parts.username is None and parts.password is None
    except ValueError:
        return NO_PAGE
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in ("127.0.0.1", "localhost", "::1"))
    return "" if secure and host and plain and named and len(url) <= 3000 else NO_PAGE


def host_of(url: str) -> str:
    """With its port, as it is shown beside the button that opens it."""
    return urlsplit(url).netloc
