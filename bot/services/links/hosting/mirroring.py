"""A guest's chat is followed in a thread of its host's: what is new, part by part, each told once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property

from bot.services.links.ending.ending import told_of
from storage.database import Database, Tables
from storage.schema import now
from storage.tables import Event, Link, Session

JOB = "mirror"
FILES_JOB = "guest_files"
TOGETHER = timedelta(milliseconds=700)
"""What comes within it is told in one message: one a second is what Slack allows a conversation."""
AT_ONCE = 200
HELD = timedelta(seconds=45)
"""Longer than one message takes, with what Slack lets wait: after that whoever held it is taken for dead."""


@dataclass(frozen=True)
class Part:
    """What stands in the log and not yet in the thread, oldest first; ``since`` is where the thread ends."""

    link: Link
    session: Session
    stored: list[Event] = field(repr=False)
    relayed: Callable[[Event], Event] = field(repr=False)

    @cached_property
    def events(self) -> list[Event]:
        """As they are told; looked through only then, for most that is found first waits for its time."""
        return [self.relayed(each) for each in self.stored]

    @property
    def since(self) -> int:
        return self.session.mirrored_seq

    @property
    def in_doubt(self) -> bool:
        """Somebody has begun to tell its first events, and nobody knows what became of that."""
        return self.stored[0].seq <= self.session.mirror_upto

    @property
    def upto(self) -> int:
        return self.stored[-1].seq

    def of(self, events: list[Event]) -> "Part":
        """These of it, as they are told."""
        return replace(self, stored=events, relayed=_as_it_is)


def _as_it_is(event: Event) -> Event:
    return event


async def due(tables: Tables, link: Link, session: Session, *, files: bool = False) -> None:
    """In the transaction that adds to the log: its host is shown it soon, with whatever comes by then.

    ``files`` came with it, and go there by themselves.
    """
    for kind in (JOB, FILES_JOB) if files else (JOB,):
        await tables.jobs.once_more(
            kind, f"{kind}:{session.id}", told_of(link, session), now() + TOGETHER, workspace=link.workspace_id
        )


class Mirroring:
    """What is said stands in Slack as ``relayed`` gives it back."""

    def __init__(self, db: Database, relayed: Callable[[str], str] = str) -> None:
        self._db = db
        self._relayed = relayed

    async def next_part(self, workspace: str, link_id: str, session_id: str) -> Part | None:
        """None when all is told, when the link is gone, or when nothing of it is to be shown any more."""
        async with self._db.read() as tables:
            link, session = await tables.links.with_session(workspace, link_id, session_id) or (None, None)
            if link is None or session is None or session.erase_asked_by:
                return None
            events = await tables.events.after(workspace, session.conversation_id, session.mirrored_seq, AT_ONCE)
        return Part(link, session, events, self._as_relayed) if events else None

    def _as_relayed(self, event: Event) -> Event:
        """The host's own words have come from there."""
        if event.kind == "message" and event.body["author"] != "host":
            event.body = event.body | {"text": self._relayed(str(event.body["text"]))}
        return event

    async def held(self, part: Part, count: Callable[[Sequence[Event]], int]) -> Part | None:
        """As much of it as one message takes, by ``count``; None: another tells it, or has told it.

        What the one before was at when it died is told as it was cut then: so it can be found where it stands.
        """
        session, at = part.session, now()
        if part.in_doubt:
            told = part.of([each for each in part.events if each.seq <= session.mirror_upto])
        else:
            told = part.of(part.events[: count(part.events)])
        what = (session.workspace_id, session.id, part.since, told.upto)
        async with self._db.begin() as tables:
            return told if await tables.sessions.hold_mirror(*what, at, at + HELD) else None

    async def told(self, part: Part) -> None:
        """It stands there."""
        await self._noted(part, part.upto)

    async def let_go(self, part: Part) -> None:
        """It may stand there or not: whoever comes next looks, and tells it."""
        await self._noted(part, part.since)

    async def _noted(self, part: Part, upto: int) -> None:
        what = (part.session.workspace_id, part.session.id, part.since, upto)
        await self._db.surely(lambda tables, _: tables.sessions.mirrored(*what), patient=True)

    async def opened(self, session: Session, channel: str, thread_ts: str) -> bool:
        """Note where it is followed from now on; False when it is somewhere already."""
        async with self._db.begin() as tables:
            return await tables.sessions.set_thread(session.workspace_id, session.id, channel, thread_ts)
