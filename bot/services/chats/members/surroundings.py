"""What was said in a thread before somebody called the agent into it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bot.services.chats.files import shown_by_tools
from bot.services.chats.members.joining import source
from bot.services.chats.values import Place
from storage.database import Database
from storage.tables import Conversation, Turn


@dataclass(frozen=True)
class Before:
    text: str = ""
    files: tuple[dict[str, Any], ...] = ()
    """That came with what was said, as they are fetched; ``by`` names whose each is."""


class Surroundings(Protocol):
    """Reads threads; others' words come marked as theirs, and bounded."""

    async def before(self, workspace: str, place: Place, ts: str, after: str, ours: Collection[str]) -> Before:
        """What was said from ``after`` on until the message ``ts``, but for ``ours``; empty when nothing was."""


async def said_before(
    db: Database, surroundings: Surroundings | None, turn: Turn, conversation: Conversation
) -> Before:
    """Empty for a direct message, whose thread the conversation holds itself, and for what opens a thread."""
    if surroundings is None or conversation.door != "slack" or turn.kind != "say" or turn.stop_asked:
        return Before()
    place = Place.of(conversation)
    prefix = source(place.channel, "")
    ts = turn.source.removeprefix(prefix)
    if place.private or ts == turn.source or ts == place.thread_ts:
        return Before()
    async with db.read() as tables:
        lately = await tables.turns.lately_in(turn.workspace_id, conversation.id)
    known = [each.source.removeprefix(prefix) for each in lately if each.source.startswith(prefix)]
    after = max((each for each in known if each < ts), default="")
    ours = {str(shown) for each in lately for shown in each.shown.get("messages", [])} | set(known)
    before = await surroundings.before(turn.workspace_id, place, ts, after, ours)
    tools = {file for each in lately for file in shown_by_tools(each)}
    return replace(before, files=tuple(each for each in before.files if each["id"] not in tools))
