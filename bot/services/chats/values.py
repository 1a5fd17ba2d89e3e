"""What goes into a conversation and what comes out of it."""

import hashlib
import json
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

from bot.services.links.values import Guest
from mcp_runtime.tools.tools import File
from storage.engines.engine import TROUBLE
from storage.repositories.conversations.claims import Lease
from storage.tables import Approval, Conversation, Event, Turn

LEASE_SECONDS = 15.0
ATTEMPTS = 3
"""Of one turn to be answered, after processes that died of it."""
"""How long a process that stopped renewing keeps a turn."""

CALL_ENDED = ("done", "failed")
"""The states in which a call is over."""

Decision = Literal["approve", "deny", "always"]

_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Place:
    """Where in Slack a conversation is held."""

    channel: str
    thread_ts: str
    team: str
    private: bool

    @classmethod
    def of(cls, conversation: Conversation) -> "Place":
        """Of one that is held in Slack."""
        stored = conversation.place
        return cls(stored["channel"], stored["thread_ts"], stored["team"], stored["private"])

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.thread_ts}"

    def stored(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Said:
    """A message that was taken in; ``repeated`` when it had been before."""

    turn_id: str
    conversation_id: str
    seq: int = 0
    """Its number in the log; 0 when repeated before it had one."""
    repeated: bool = False
    lapsed: list[Approval] = field(default_factory=list)
    """Questions that the message answered by not answering them."""
    begun: bool = False
    """It is being answered already."""


@dataclass(frozen=True)
class Begun:
    """A turn that was begun as its message was taken in, and what is known of it by that."""

    turn: Turn
    conversation: Conversation
    message: Event
    events: list[Event]
    """Stored with the message, to be told."""
    guest: Guest | None = None


@dataclass(frozen=True)
class Whose:
    """By which door something was said, and who asks: a member, or for guests their link."""

    door: str
    workspace: str
    asker: str


class Room(Protocol):
    """For one turn more, in the worker of this process."""

    def lease(self) -> Lease: ...

    def begin(self, begun: Begun) -> None: ...


class Rooms(Protocol):
    """The worker of this process: what is taken in here need not wait to be found."""

    def room(self, of: Whose) -> AbstractContextManager[Room | None]:
        """Kept free until the block ends; None where there is none."""


@dataclass(frozen=True)
class Delta:
    """Running text of a turn: shown as it comes, never stored."""

    turn_id: str
    text: str
    start: int = 0
    """Its place in the text of the attempt, in characters."""
    attempt: int = 1
    """A turn that is run again begins its text again."""

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def packed(self) -> str:
        """For the bus."""
        told = {"piece": self.turn_id, "attempt": self.attempt, "start": self.start, "text": self.text}
        return _json(told)


@dataclass(frozen=True)
class Attached:
    """Files that a tool gave, for the face of a member's turn; it notes them as shown."""

    turn_id: str
    call: str
    """The call's key in the turn's events: an attempt that begins again comes to the same."""
    title: str
    """Of the tool."""
    files: tuple[File, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of all of them: what a call gives when it is run again may be something else."""
        each = (
            hashlib.sha256(f"{len(file.mime)}:{file.mime}:".encode() + file.content).digest() for file in self.files
        )
        return hashlib.sha256(b"".join(each)).hexdigest()


def unpacked(payload: str) -> Delta | None:
    """The opposite of `Delta.packed`; None when the payload is something else."""
    if not payload.startswith('{"piece"'):
        return None
    told = json.loads(payload)
    return Delta(told["piece"], told["text"], told["start"], told["attempt"])


Told = Event | Delta | Attached


class HeldBack(Exception):
    """Its member has yet to say where a turn may be shown: it is not shown now, and nothing has failed."""


class Lost(Exception):
    """Another process has the turn now: nothing more of it may be written here."""


OUT_OF_HAND = (Lost, *TROUBLE)
"""Another has it; or the database is away, and another takes it once its lease lapses."""


class Ended(Exception):
    """The guest's chat is over: nothing more may be added to its log."""
