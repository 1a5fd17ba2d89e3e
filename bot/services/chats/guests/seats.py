"""Who a turn by a chat link is for: the guest's session and their link, and what the agent is told of them."""

from collections.abc import Sequence

from bot.agent import notes
from bot.services.chats.values import Begun
from bot.services.links.hosting import stretch
from bot.words import LANGUAGES
from storage.database import Tables
from storage.schema import now
from storage.tables import Conversation, Link, Session, Turn


async def taken(tables: Tables, conversation: Conversation, begun: Begun | None) -> tuple[Link | None, Session | None]:
    """The session's row is held where a host may be stepping in just now, or catching up will change it.

    It comes before the turn's. Of one that is begun with its message, a host who steps in afterwards knows.
    """
    workspace, place = conversation.workspace_id, conversation.place
    seat: tuple[Link, Session | None] | None
    if begun and begun.guest:
        seat = begun.guest.link, begun.guest.session
    else:
        seat = await tables.links.with_session(workspace, place["link_id"], place["session_id"])
    link, session = seat or (None, None)
    if session and (begun is None or session.host_since):
        session = await tables.sessions.hold(workspace, session.id)
    return link, session


def note(turn: Turn, link: Link | None, session: Session | None, told: Sequence[str] = ()) -> str:
    if turn.kind == "whisper":
        told = [*told, stretch.to_agent(str(turn.shown.get("name", "")), turn.text)]
    spoken = LANGUAGES.get(session.language) if session else None
    return notes.of_guest(
        now(),
        guest=session.guest_name if session else "",
        language=spoken.name if spoken else "",
        ends_at=link.expires_at if link else None,
        told=told,
    )
