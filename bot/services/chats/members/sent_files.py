"""Files that came with a member's message: fetched and looked into before it is answered, named when they cannot be."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from bot.errors import Refused
from bot.services.chats.ending.stopping import stop_asked
from bot.services.chats.members.surroundings import Surroundings, said_before
from bot.services.files.bounds import MEMBERS, MEMBERS_SHOWN
from bot.services.files.checking import Checked, checked, kind_of
from bot.services.files.declining import AT_ONCE, MOST_MEGABYTES, Declined, to_model, told
from bot.services.files.kinds import MEGABYTE, Ref
from bot.services.log_entries import Entry, notice
from storage.bus.bus import Bell
from storage.database import Database, Tables
from storage.schema import new_id
from storage.tables import Conversation, MemberFile, Turn

SENT = "sent"
"""In what is noted of a turn: what Slack said of the files that came with its message."""
WITHIN = 60.0
"""Seconds for all of a message's files; those that are not there by then are declined."""
KEPT = timedelta(days=30)
MOST_KEPT = 40 * MEGABYTE
"""Of a conversation; the oldest go first, and the model knows that they were there."""
FILES_DECLINED = "files_declined"
ABOVE = "above"
"""In what is told of a file: it came before, in the thread."""

log = logging.getLogger(__name__)


class NotFetched(Exception):
    """``code`` is one of the reasons why a file is declined."""

    def __init__(self, code: str, **values: int) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class Fetch(Protocol):
    """Gets what people sent, from where they sent it."""

    async def content(self, workspace: str, file: Mapping[str, Any], most: int) -> bytes:
        """At most so many bytes; raises `NotFetched`."""


@dataclass
class SentFiles:
    """Of one message."""

    rows: list[MemberFile] = field(default_factory=list)
    refs: list[Ref] = field(default_factory=list)
    declined: list[Declined] = field(default_factory=list)

    @property
    def beside(self) -> str:
        """What the model is told of those that it cannot see."""
        return to_model(self.declined)

    def entries(self) -> list[Entry]:
        """What its member is told."""
        declined = [each for each in self.declined if not each.above]
        return [notice(FILES_DECLINED, told(declined))] if declined else []

    async def keep(self, tables: Tables, conversation: Conversation) -> None:
        if self.rows:
            await tables.member_files.add(self.rows)
            await tables.member_files.keep_newest(conversation.workspace_id, conversation.id, MOST_KEPT)


async def came_with(
    db: Database,
    surroundings: Surroundings | None,
    fetch: Fetch | None,
    turn: Turn,
    conversation: Conversation,
    stop: Bell,
) -> tuple[str, SentFiles | None]:
    """With a message: what was said before it in its thread, and the files of both."""
    before = await said_before(db, surroundings, turn, conversation)
    return before.text, await _sent(db, fetch, turn, conversation, stop, before.files)


async def _sent(
    db: Database,
    fetch: Fetch | None,
    turn: Turn,
    conversation: Conversation,
    stop: Bell,
    above: Sequence[Mapping[str, Any]],
) -> SentFiles | None:
    """Those ``above`` it in its thread too, as far as there is room beside its own.

    None where there are none, where they are kept since an earlier attempt, and where the turn is to be stopped.
    """
    files = [*turn.shown.get(SENT, ()), *({**each, ABOVE: True} for each in above)]
    if not files or fetch is None or turn.kind != "say" or turn.stop_asked:
        return None
    if turn.attempts > 1 and await _begun(db, turn):
        return None
    gathering = asyncio.create_task(_Gathering(fetch, conversation).all(files))
    stopped = asyncio.create_task(stop_asked(db, stop, turn))
    try:
        await asyncio.wait({gathering, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return gathering.result() if gathering.done() else None
    finally:
        for task in (gathering, stopped):
            task.cancel()
        await asyncio.wait({gathering, stopped})


async def _begun(db: Database, turn: Turn) -> bool:
    """Its message is stored already, and its files with it."""
    async with db.read() as tables:
        stored = await tables.messages.with_the_one_before(turn.workspace_id, turn.conversation_id, turn.id)
    return bool(stored)


class _Gathering:
    def __init__(self, fetch: Fetch, conversation: Conversation) -> None:
        self._fetch, self._conversation = fetch, conversation
        self._found = SentFiles()
        self._tokens = self._bytes = self._above = 0

    async def all(self, files: Sequence[Mapping[str, Any]]) -> SentFiles:
        """One after another, so that no more than one of them is in memory as it was sent."""
        until = asyncio.get_running_loop().time() + WITHIN
        for number, file in enumerate(files):
            name = str(file.get("name") or "a file")
            try:
                if number >= AT_ONCE and ABOVE not in file:
                    raise NotFetched("many", most=AT_ONCE)
                async with asyncio.timeout_at(until):
                    await self._one(name, file)
            except (NotFetched, Refused) as error:
                self._found.declined.append(Declined(name, error.code, dict(error.values), ABOVE in file))
            except TimeoutError:
                self._found.declined.append(Declined(name, "away", above=ABOVE in file))
            except OSError as error:  # no process could be begun for it
                log.warning("a member's file could not be looked into: %s", type(error).__name__)
                self._found.declined.append(Declined(name, "busy", above=ABOVE in file))
        if declined := [each.code for each in self._found.declined]:
            log.info("files of a member were not read: %s", ", ".join(declined))
        return self._found

    async def _one(self, name: str, file: Mapping[str, Any]) -> None:
        here = self._conversation
        if int(file.get("size") or 0) > MOST_MEGABYTES * MEGABYTE:
            raise NotFetched("file_size", most=MOST_MEGABYTES)
        content = await self._fetch.content(here.workspace_id, file, MOST_MEGABYTES * MEGABYTE)
        if not content:
            raise NotFetched("file_empty")
        found = await checked(name, content, kind_of(content), f"{here.workspace_id}:{here.member_id}", MEMBERS)
        self._tokens, self._bytes = self._tokens + found.tokens, self._bytes + len(found.content)
        if self._tokens > MEMBERS_SHOWN.tokens or self._bytes > MEMBERS_SHOWN.bytes:
            self._tokens, self._bytes = self._tokens - found.tokens, self._bytes - len(found.content)
            raise NotFetched("together")
        self._keep(found, file)

    def _keep(self, found: Checked, file: Mapping[str, Any]) -> None:
        here, size = self._conversation, len(found.content)
        kept = {"workspace_id": here.workspace_id, "conversation_id": here.id}
        row = MemberFile(id=new_id(), **kept, size=size, content=found.content)
        told = {name: getattr(found, name) for name in ("name", "kind", "mime", "tokens")}
        ref = {"id": row.id, **told, "size": size, "by": file.get("by") or "the member"}
        self._found.rows.append(row)
        # Those above go first: the last are shown for longest.
        place, self._above = (self._above, self._above + 1) if ABOVE in file else (len(self._found.refs), self._above)
        self._found.refs.insert(place, ref | ({"cut": True} if found.cut else {}))
