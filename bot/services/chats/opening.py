"""A claimed turn is opened: what it answers is stored and read, in one transaction."""

from dataclasses import dataclass

from bot.agent import notes
from bot.agent.model import Message, Model
from bot.agent.summary import remembered
from bot.services import approvals, log_entries
from bot.services.chats.member_turns import MemberTurn
from bot.services.chats.values import Lost
from storage.database import Database, Tables
from storage.schema import now
from storage.tables import Approval, Conversation, Event, Link, Session, Turn


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
    note: str = ""
    """What the model is told beside the words that are answered; kept with them, so that they go out alike again."""
    approval: Approval | None = None
    """What a resumed turn goes on from."""
    link: Link | None = None
    session: Session | None = None


async def opened(
    db: Database,
    model: Model,
    turn: Turn,
    conversation: Conversation,
    beside: str = "",
    of_member: MemberTurn | None = None,
) -> Opened:
    """``beside`` is what the model has to know of the place before the message, and is kept with it.

    Raises `Lost` when another process has claimed the turn since, or when another turn has to go first.
    """
    async with db.begin() as tables:
        if not await tables.turns.change(turn, lease_owner=turn.lease_owner):
            raise Lost
        found = Opened(turn, conversation, [], [], beside, of_member, of_member.note if of_member else "")
        if turn.approval_id:
            found.approval = await tables.approvals.get(turn.workspace_id, turn.approval_id)
        if conversation.door == "link":
            place = conversation.place
            seat = await tables.links.with_session(turn.workspace_id, place["link_id"], place["session_id"])
            found.link, found.session = seat or (None, None)
            found.note = _guests_note(found)
        begun = await _begin(tables, model, found)
    if not begun:
        raise Lost
    return found


async def _begin(tables: Tables, model: Model, found: Opened) -> bool:
    """False when the turn was put back: its member has just approved what the conversation waited for."""
    turn, conversation = found.turn, found.conversation
    here = (turn.workspace_id, conversation.id)
    stored = await tables.messages.of(*here, conversation.folded)
    begun = turn.kind == "resume" or any(each.turn_id == turn.id for each in stored)
    if not begun:
        # Only what ends in calls can wait for a person; taking the message in has closed all that did so then.
        if stored and model.calls(stored[-1].content):
            if not await _closed(tables, model, found):
                return False
            stored = await tables.messages.of(*here, conversation.folded)
        stored += await tables.messages.add(*here, turn.id, [model.user(_words(found), found.note)])
    if found.session is None or found.session.ended_at is None:
        entry = log_entries.status("working")
        found.events.append(await tables.events.add(*here, turn.id, entry.kind, entry.body))
    # What changes least comes first: all that stands before a change is what the model was sent before.
    servers = found.of_member.servers if found.of_member else ""
    told = remembered(model, conversation.summary, [each.content for each in stored])
    found.history = [*([model.user(servers)] if servers else []), *told]
    return True


def _guests_note(found: Opened) -> str:
    guest = found.session.guest_name if found.session else ""
    return notes.of_guest(now(), guest=guest, ends_at=found.link.expires_at if found.link else None)


def _words(found: Opened) -> str:
    return f"{found.beside}\n\n{found.turn.text}" if found.beside else found.turn.text


async def _closed(tables: Tables, model: Model, found: Opened) -> bool:
    """What the conversation waits for is over, unless its member has just approved it: then that goes first."""
    turn, here = found.turn, (found.turn.workspace_id, found.conversation.id)
    closed = await approvals.lapse(tables, model, *here)
    if await tables.turns.resumes(*here):
        await tables.turns.change(turn, status="queued", lease_until=None)
        return False
    found.events += closed.events
    return True
