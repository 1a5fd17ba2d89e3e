"""What connecting a tool gives back, in values and sentences."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from bot.errors import FormError, UserError
from bot.services.connections.telling.left_out import left_out, of
from mcp_runtime.errors.causes import Cause
from mcp_runtime.states import State, state_of
from run_cards.card import Field
from storage.repositories.mcp.usage import Use
from storage.tables import AllowedCalls, Connection, PinnedTool

__all__ = [
    "Connected",
    "ConnectionView",
    "FormError",
    "NoSecretsHere",
    "Tested",
    "TicketNeeded",
    "TicketView",
    "TooMany",
]

NOT_YET = (
    "{title} needs a secret, and this installation cannot take secrets yet: I ask for them on a page of their own, not "
    "in Slack, and there is no such page here. Your workspace's admins can change that. Tools that need no secret "
    "connect all the same."
)


class NoSecretsHere(UserError):
    """There is nowhere that this member may enter a secret."""

    def __init__(self, title: str) -> None:
        super().__init__(NOT_YET.format(title=title))


@dataclass(frozen=True)
class LeastUsed:
    """The connection whose last call is longest ago; ``last`` is None when there was none."""

    id: str
    title: str
    made: datetime
    last: datetime | None


class TooMany(FormError):
    """A member has as many connections as may be."""

    def __init__(self, field: str, there: int, most: int, least: LeastUsed) -> None:
        told = f"You have {there} connections, and {most} are allowed. Disconnect one first:"
        super().__init__({field: f"{told} {least.title} was used least lately."})
        self.there = there
        self.least = least


@dataclass(frozen=True)
class Connected:
    connection: Connection
    tools: int
    reading: int
    """How many of the tools say that they only read: shown, not believed."""
    free: int | None = None
    """How many run without asking, by the card's own list; None where it was there already."""
    again: bool = False
    """It was there already, and has a new token."""
    questions: tuple[str, ...] = ()
    """To try on it first; none where it was there already."""
    edited: str | None = None
    """It was there already and was changed: what that did to its tools, empty when they were not asked for."""

    @property
    def sentence(self) -> str:
        if self.edited is not None:
            told = f". Of its tools: {self.edited}" if self.edited else ""
            return f"{self.connection.title} is changed{told}"
        if not self.tools:
            why = "none of its tools can be used" if self.connection.left_out else "its server offers no tools"
            return f"{self.connection.title} is connected, but {why}"
        tools = "1 tool" if self.tools == 1 else f"{self.tools} tools"
        if self.again:
            return f"{self.connection.title} works again: {tools} available"
        return f"{self.connection.title} is connected: {tools} now available"

    @property
    def shown(self) -> dict[str, Any]:
        """What a window shows beside the sentence, as JSON."""
        counts = {"tools": self.tools, "reading": self.reading, "free": self.free}
        about = {"connection": self.connection.id, "questions": list(self.questions), "left_out": self.left_out}
        return {**counts, **about}

    @property
    def left_out(self) -> str:
        """A sentence about what could not be taken; empty when all could."""
        return left_out(of(self.connection))


@dataclass(frozen=True)
class TicketNeeded:
    """The secret is to be entered at ``url``, which works once."""

    url: str = field(repr=False)
    expires_at: datetime
    title: str
    """Of the connection."""
    own_machine: bool = False
    """It opens only on the machine that Usher runs on."""
    signs_in_at: str = ""
    """The host of the service's own sign-in, where no secret is entered with us."""
    token_url: str = field(default="", repr=False)
    """A page for a token, where one would do as well."""
    code: str = field(default="", repr=False)
    """What either page asks for, before anything can be entered."""


@dataclass(frozen=True)
class Whose:
    """Whom a page is for, asked before it shows anything else."""

    workspace: str
    member: str
    """By name, as the workspace."""
    pictured: bool
    """The member has a picture."""
    purpose: str = ""
    """What the page is for."""


@dataclass(frozen=True)
class TicketView:
    """What a ticket's page shows."""

    title: str
    """Of the connection that is being made."""
    card: str
    """Title of its card."""
    host: str
    """Where the secrets will be sent; empty for a program that runs here."""
    fields: tuple[Field, ...]
    """The secrets to enter, of which at least one is needed, and what is asked with them."""
    unfolded: bool
    """What is folded is shown at once."""
    workspace: str
    member: str
    """By name, as the workspace."""
    expires_at: datetime
    own_server: str = ""
    """The host, where the member has said which it is: no name that they gave it stands for it."""
    pictured: bool = False
    """The member has a picture."""

    @property
    def groups(self) -> list[tuple[str, list[Field]]]:
        """The fields in their order, by what they are folded under; empty: they are always shown."""
        return [(fold, list(fields)) for fold, fields in groupby(self.fields, lambda each: each.fold)]

    @property
    def needed(self) -> str:
        """The secret that has to be entered though its card would do without; empty when others are needed anyway."""
        secrets = [each for each in self.fields if each.secret]
        return secrets[0].name if all(each.optional for each in secrets) else ""


@dataclass(frozen=True)
class ConnectionView:
    connection: Connection
    tools: list[PinnedTool]
    use: Use = field(default_factory=Use)
    """In the last seven days."""
    barred: str = ""
    """Why this installation does not let it be used, as a clause for people; empty: it does."""
    costs: frozenset[str] = frozenset()
    """Those of its tools whose calls cost money or quota."""
    allowed: list[AllowedCalls] = field(default_factory=list)
    """What runs without a question, for less than a whole tool."""

    @property
    def state(self) -> State:
        return state_of(self.connection, permitted=not self.barred)


class SignIn(StrEnum):
    """By what a connection is let in."""

    NONE = "none"
    TOKEN = "token"  # noqa: S105  a kind of sign-in
    OAUTH = "oauth"
    SHARED = "shared"


@dataclass(frozen=True)
class Found:
    """What a test has seen. The names are of tools, since the last time that anybody looked."""

    transport: str
    """streamable | sse | program; empty when that is not known."""
    version: str
    """Of the protocol."""
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    left_out: str = ""
    """A sentence about what could not be taken; empty when all could."""


@dataclass(frozen=True)
class Tested:
    ok: bool
    sentence: str
    milliseconds: int
    tools: int
    cause: Cause | None = None
    """Why it failed."""
    found: "Found | None" = None
    """What was seen of it; None when it failed."""
    title: str = ""
    """Of the connection."""
    signs_in: SignIn = SignIn.NONE
