"""What the agent tells, shown in Slack: one streamed message with task cards, and questions of their own."""

import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Attached, Chats, Delta, Place, Told
from bot.services.chats.files import ids_shown, was_shown
from bot.services.chats.values import Lost
from bot.slack.acts.approvals import ask
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.calls.marked import mark, marked, posted_since, wordless
from bot.slack.edge.errors import code_of
from bot.slack.incoming.unnoted import begun_before
from bot.slack.replies.attachments import attach
from bot.slack.replies.endings import later
from bot.slack.replies.held_back import Audience
from bot.slack.replies.reply import Reply, Stopped
from bot.slack.replies.stream import Started
from bot.slack.screens.approvals import why
from bot.slack.screens.blocks.honest_links import source
from bot.slack.screens.blocks.text import count, safe
from bot.slack.screens.notices import GOES_ON_LATER
from bot.slack.screens.turns import closing, failed, interrupted
from storage.engines.room import is_full
from storage.tables import Conversation, Event, Turn

log = logging.getLogger(__name__)

GONE = ("thread_not_found",)
"""The question was deleted, and its thread with it."""
NOT_SHOWN = "{} of {} could not be shown here. Ask me to try it again."
CONTINUED = "_(This answer starts again below.)_"


class SlackRendering:
    """Shows every turn whole and once, also one that a dead process left half shown."""

    def __init__(self, client: AsyncWebClient, chats: Chats) -> None:
        self._client = client
        self._chats = chats

    async def __call__(self, turn: Turn, conversation: Conversation, told: AsyncIterator[Told]) -> None:
        with acting_for(turn.workspace_id):
            await self._shown(turn, conversation, told)

    async def _shown(self, turn: Turn, conversation: Conversation, told: AsyncIterator[Told]) -> None:
        place = Place.of(conversation)
        await self._clear(place, await self._former(turn, place))
        messages: list[str] = []

        async def started(ts: str) -> None:
            if not await self._chats.shown(turn, messages=[*messages, ts]):
                await self._clear(place, [ts])  # whoever has the turn now has looked for it before
                raise Lost
            messages.append(ts)

        async def stopped() -> None:
            await self._chats.stop(conversation.workspace_id, conversation.id)

        audience = Audience(self._client, self._chats, turn, conversation)
        try:
            async with self._reply(turn, conversation, started, stopped) as reply:
                refused: list[str] = []
                failed = Failed()
                async for each in audience.allowed(told):
                    await self._show(reply, each, turn, conversation, place)
                    refused += _refused(each)
                    failed.hear(each)
                if failed.connections and reply.under:
                    troubled = await self._chats.details.troubled(conversation, failed.connections)
                    reply.under = closing.with_cures(troubled, reply.under)
                if refused:
                    await reply.end()
                    await reply.ask(why.refused_text(refused), why.refused(turn.id, refused))
            audience.check()
        except SlackApiError as error:
            if code_of(error) not in GONE:
                raise
            log.info("a turn is not shown, since its thread is gone: %s", code_of(error))
        except Exception as error:
            if is_full(error):
                where: Any = {"channel": place.channel, "thread_ts": place.thread_ts, "user": conversation.member_id}
                await self._quietly(self._client.chat_postEphemeral(**where, text=GOES_ON_LATER))
            raise

    def _reply(
        self, turn: Turn, conversation: Conversation, started: Started, stopped: Stopped
    ) -> AbstractAsyncContextManager[Reply]:
        place, left = Place.of(conversation), later(self._chats, conversation.workspace_id)
        return Reply(self._client, place, conversation.member_id, started, stopped, left, mark(turn.id)).open()

    async def _show(self, reply: Reply, each: Told, turn: Turn, conversation: Conversation, place: Place) -> None:
        match each:
            case Delta(text=text):
                await reply.words(text)
            case Attached():
                await self._attach(reply, each, turn, place)
            case Event(kind="message", body={"author": "agent", "text": text}):
                await reply.whole(text)
            case Event(kind="tool", body=body):
                await self._tool(reply, body)
            case Event(kind="approval", body={"state": "asked", "id": approval_id}):
                await reply.end("suspended")
                await self._ask(turn, str(approval_id), place)
            case Event(kind="notice" | "limit", body={"text": text}):
                await reply.remark(text)
            case Event(kind="status", body=body):
                await self._status(reply, body, turn)

    async def _attach(self, reply: Reply, each: Attached, turn: Turn, place: Place) -> None:
        """Once, whatever was killed meanwhile; what a call gave that was run again takes the place of the former."""
        before = ids_shown(turn, each)
        if was_shown(turn, each):
            await self._chats.files.shown(turn, each, before)
            return
        ids = await attach(self._client, place, safe(each.title, 100), each.files)
        if ids is None:
            return await reply.remark(NOT_SHOWN.format(count(len(each.files), "file"), each.title))
        await self._chats.files.shown(turn, each, ids)
        for file in before:
            await self._quietly(self._client.files_delete(file=file))

    async def _tool(self, reply: Reply, body: dict[str, Any]) -> None:
        told = (source(each["name"], each["url"]) for each in body.get("sources", ()))
        await reply.tool(
            *(body["call"], body["title"], body["state"]),
            summary=body.get("summary", ""),
            seconds=body.get("seconds", 0.0),
            sources=[each for each in told if each],
            about=body.get("about"),
        )

    async def _status(self, reply: Reply, body: dict[str, Any], turn: Turn) -> None:
        match body["state"]:
            case "working":
                reply.think(body.get("text", ""))
            case "done":
                reply.under = closing.under(turn.id)
            case "stopped":
                await reply.post_stopped(body.get("text") or "Stopped.")
            case "failed":
                await reply.remark(body.get("text", ""))
                anew = bool(body.get("anew"))
                reply.under = [failed.reference(turn.id)] if anew else failed.under(turn.id, body.get("code", ""))
                if anew:
                    await reply.end()
                    await reply.ask(interrupted.ANEW, interrupted.anew(turn.id))
            case "interrupted":
                await reply.remark(body.get("text", ""))
                await reply.end()
                await reply.ask(interrupted.QUESTION, interrupted.question(turn.id))

    async def _ask(self, turn: Turn, approval_id: str, place: Place) -> None:
        if approval := await self._chats.approval(turn.workspace_id, approval_id):
            here = (place.channel, place.thread_ts)
            await ask(self._client, self._chats, approval, *here, since=begun_before(turn))

    async def _former(self, turn: Turn, place: Place) -> list[str]:
        """What earlier attempts have put up, also what a dead process could not note any more."""
        noted: list[str] = turn.shown.get("messages", [])
        if not (since := begun_before(turn)):
            return noted
        there = await posted_since(self._client, place.channel, place.thread_ts, since)
        known = await self._chats.shown_in(turn)
        return [*noted, *(ts for ts in [*marked(there, turn.id), *wordless(there)] if ts not in known)]

    async def _clear(self, place: Place, messages: list[str]) -> None:
        """Take away what was shown of this turn before, so that the person sees one answer."""
        for ts in messages:
            there: dict[str, Any] = {"channel": place.channel, "ts": ts}
            if await self._quietly(self._client.chat_delete(**there)):
                continue
            # Most have ended long before; one that is still streamed may have to be ended first.
            await self._quietly(self._client.chat_stopStream(**there))
            if not await self._quietly(self._client.chat_delete(**there)):
                await self._quietly(self._client.chat_update(**there, text=CONTINUED, blocks=[]))

    async def _quietly(self, call: Any) -> bool:
        try:
            await call
        except SlackApiError as error:
            log.info("what was left of a turn: %s", code_of(error))
            return code_of(error) == "message_not_found"
        return True


class Failed:
    """The connections with which a turn's calls failed."""

    def __init__(self) -> None:
        self.connections: set[str] = set()
        self._made_with: dict[str, str] = {}

    def hear(self, told: Told) -> None:
        match told:
            case Event(kind="tool", body={"state": "started", "call": call, "connection": connection}):
                self._made_with[call] = connection
            case Event(kind="tool", body={"state": "failed", "call": call}) if call in self._made_with:
                self.connections.add(self._made_with[call])


def _refused(told: Told) -> list[str]:
    """The title of a call that a rule of ours did not let through; one that is asked about now is told by that."""
    body = told.body if isinstance(told, Event) and told.kind == "tool" else {}
    return [str(body["title"])] if body.get("refused", "asks_now") != "asks_now" else []
