"""A claimed turn is opened: what it answers is stored and read, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.agent import notes
from bot.agent.model import Message, Model
from bot.agent.summary import remembered
from bot.services import log_entries
from bot.services.approvals import approvals
from bot.services.chats.guests import seats
from bot.services.chats.members.sent_files import SentFiles
from bot.services.chats.members.turns import MemberTurn
from bot.services.chats.values import ATTEMPTS, Begun, Lost
from bot.services.files.bounds import GUESTS_SHOWN, MEMBERS_SHOWN
from bot.services.files.kinds import FILES
from bot.services.files.showing import Contents, with_files
from bot.services.links.hosting import stretch
from bot.services.links.hosting.values import HOST
from bot.services.memory.values import short
from storage.database import Database, Tables
from storage.members import Member
from storage.tables import Approval, Conversation, Event, Link, Session, Turn
from storage.tables import Message as Stored

OLDER = timedelta(days=1)
"""A thread in which people talked for so long before they asked may have had words with us that are gone."""
MOST_SAID = 1_000
"""Events looked through for what people said to each other."""


@dataclass
class Opened:
    turn: Turn
    conversation: Conversation
    history: list[Message]
    """As the model sees it: what is folded away stands in it as one message."""
    events: list[Event]
    """Stored by the opening, to be told."""
    beside: str = ""
    of_member: MemberTurn | None = None
    """None for a guest's turn."""
    sent: SentFiles | None = None
    """Files that came with a member's message, when they are not stored yet."""
    note: str = ""
    """What the model is told beside the words that are answered; kept with them, so that they go out alike again."""
    approval: Approval | None = None
    """What a resumed turn goes on from."""
    noted: str = ""
    """What the member has asked to have remembered."""
    link: Link | None = None
    session: Session | None = None
    start: int = 0
    """Position of the first message that was loaded."""
    position: int = 0
    """Of the next message of the history: nobody else appends while the turn runs."""
    said: str = ""
    """What an attempt that was cut off had said before its last results."""
    lapsed: list[Approval] = field(default_factory=list)
    """Questions that the opening has closed."""
    asked: list[Stored] = field(default_factory=list)
    """What the turn answers, where the opening has stored it."""

    @property
    def person_answers(self) -> bool:
        """The agent's turn has come too late: its guest's host has stepped in."""
        return self.session is not None and self.session.host_state == HOST


async def opened(
    db: Database,
    model: Model,
    turn: Turn,
    conversation: Conversation,
    beside: str = "",
    of_member: MemberTurn | None = None,
    sent: SentFiles | None = None,
    begun: Begun | None = None,
) -> Opened:
    """``beside`` is what the model has to know of the place before the message, and is kept with it.

    ``begun``: as its message was taken in, just now. The guest is looked up again only where something has happened.
    Raises `Lost` when another process has claimed the turn since, or when another turn has to go first.
    """
    turn_of = partial(_open, model, turn, conversation, beside, of_member, sent, begun)
    found: tuple[Opened, bool] = await db.surely(turn_of, patient=True)
    if not found[1]:
        raise Lost
    return found[0]


async def _open(
    model: Model,
    turn: Turn,
    conversation: Conversation,
    beside: str,
    of_member: MemberTurn | None,
    sent: SentFiles | None,
    begun: Begun | None,
    tables: Tables,
    unanswered: Sequence[tuple[Opened, bool]],
) -> tuple[Opened, bool]:
    """False: another turn has to go first."""
    for tried in unanswered:
        if await _is_there(tables, tried[0]):
            return tried
    found = Opened(turn, conversation, [], [], beside, of_member, sent, of_member.note if of_member else "")
    if conversation.door == "link":
        found.link, found.session = await seats.taken(tables, conversation, begun)
    of_whom = Member(turn.workspace_id, conversation.member_id) if conversation.door == "slack" else None
    found.start = conversation.folded
    if turn.attempts > ATTEMPTS:  # it may be for its length that each of them ended
        found.start = await tables.messages.last(turn.workspace_id, conversation.id)
    before = await tables.turns.opened(turn, found.start, of_whom)
    if before is None:
        raise Lost
    found.noted = notes.of_notes([(short(each.id), each.text, each.since) for each in before.notes])
    if turn.approval_id:
        found.approval = await tables.approvals.get(turn.workspace_id, turn.approval_id)
    if found.session:
        if turn.stop_asked:  # perhaps by a host who has come since
            found.session = await tables.sessions.get(turn.workspace_id, found.session.id)
        found.note = _guests_note(found)
    ready = turn.kind == "host" or await _begin(tables, model, found, before.messages, begun)
    await approvals.audited(tables, found.lapsed)
    return found, ready


async def _is_there(tables: Tables, found: Opened) -> bool:
    """Whether a transaction that nobody answered is stored; its events may be of the message's own."""
    if found.asked:
        return await tables.messages.holds(found.asked[0])
    return bool(found.events) and await tables.events.holds(found.events[-1])


def _long_before(conversation: Conversation) -> datetime | None:
    """When the thread began in Slack, where that was long before what we know of it."""
    try:
        began = datetime.fromtimestamp(float(conversation.place.get("thread_ts") or 0), UTC)
    except (ValueError, OverflowError):
        return None
    known = conversation.created_at
    return began if began.year > 1970 and conversation.door == "slack" and known - began > OLDER else None


async def _begin(tables: Tables, model: Model, found: Opened, stored: list[Stored], before: Begun | None) -> bool:
    """False when the turn was put back: its member has just approved what the conversation waited for."""
    turn, conversation = found.turn, found.conversation
    here = (turn.workspace_id, conversation.id)
    begun = turn.kind == "resume" or any(each.turn_id == turn.id for each in stored)
    if not begun:
        # Only what ends in calls can wait for a person; taking the message in has closed all that did so then.
        if stored and model.calls(stored[-1].content):
            if not await _closed(tables, model, found):
                return False
            stored = await tables.messages.of(*here, found.start)
        if found.session and found.session.host_since:
            await _catch_up(tables, found, found.session)
        if not stored and found.note and (began := _long_before(conversation)):
            found.note = notes.in_older_thread(found.note, began)
        message = await _asked(tables, model, found)
        found.asked = await tables.messages.put(*here, turn.id, [message], found.start + len(stored))
        stored += found.asked
    own = (model.words_of(each.content) for each in stored if each.turn_id == turn.id)
    found.said = "\n\n".join(filter(None, own))
    if before:
        found.events += before.events
    elif found.session is None or found.session.ended_at is None:
        entry = log_entries.status("working")
        found.events.append(await tables.events.add(*here, turn.id, entry.kind, entry.body))
    if found.of_member and not found.of_member.agent.is_default and turn.attempts == 1:
        named = log_entries.answers(found.of_member.agent)
        found.events.append(await tables.events.add(*here, turn.id, named.kind, named.body))
    # What changes least comes first: all that stands before a change is what the model was sent before.
    servers = found.of_member.servers if found.of_member else ""
    found.position = found.start + len(stored)
    told = remembered(model, conversation.summary, [each.content for each in stored])
    most = GUESTS_SHOWN if conversation.door == "link" else MEMBERS_SHOWN
    shown = await with_files(model, told, _contents(tables, found), most)
    lead = "\n\n".join(each for each in (found.noted, servers) if each)
    found.history = [*([model.user(lead)] if lead else []), *shown]
    return True


async def _catch_up(tables: Tables, found: Opened, session: Session) -> None:
    """While the agent was silent people spoke: it learns of that with the words that it answers."""
    events = await tables.events.after(session.workspace_id, session.conversation_id, session.known_seq, MOST_SAID)
    found.beside = stretch.quoted(events)
    found.note = _guests_note(found, stretch.whispered(events))
    if events:
        await tables.sessions.caught_up(session.workspace_id, session.id, events[-1].seq)


def _guests_note(found: Opened, told: Sequence[str] = ()) -> str:
    return seats.note(found.turn, found.link, found.session, told)


async def _asked(tables: Tables, model: Model, found: Opened) -> Message:
    """Files that came with it are stored with it."""
    if found.link:
        return model.user(_words(found), found.note, found.turn.shown.get(FILES, ()))
    if (sent := found.sent) is None:
        return model.user(_words(found), found.note)
    await sent.keep(tables, found.conversation)
    here = (found.turn.workspace_id, found.conversation.id, found.turn.id)
    found.events += [await tables.events.add(*here, each.kind, each.body) for each in sent.entries()]
    words = "\n\n".join(filter(None, (_words(found), sent.beside)))
    return model.user(words, found.note, sent.refs)


def _contents(tables: Tables, found: Opened) -> Contents:
    workspace, session = found.turn.workspace_id, found.session
    if session:
        return partial(tables.guest_files.contents, workspace, session.id)
    return partial(tables.member_files.contents, workspace, found.conversation.id)


def _words(found: Opened) -> str:
    text = stretch.NOTHING_NEW if found.turn.kind == "whisper" else found.turn.text
    if found.link and found.turn.kind == "say":
        text = notes.without_marks(text)
    return f"{found.beside}\n\n{text}" if found.beside else text


async def _closed(tables: Tables, model: Model, found: Opened) -> bool:
    """What the conversation waits for is over, unless its member has just approved it: then that goes first."""
    turn, here = found.turn, (found.turn.workspace_id, found.conversation.id)
    closed = await approvals.lapse(tables, model, *here)
    if await tables.turns.resumes(*here):
        await tables.turns.give_back(turn)
        return False
    found.events += closed.events
    found.lapsed = closed.approvals
    return True
