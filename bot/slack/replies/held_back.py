"""What a member's own connections give is not shown to others before the member has said where to answer."""

from collections.abc import AsyncIterator

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.chats import Chats, HeldBack, Place, Told
from bot.services.chats.members.showing import Open
from bot.services.log_entries import CONNECTION
from bot.slack.acts.approvals import ask
from bot.slack.acts.direct_message import direct_channel
from bot.slack.edge.calls.marked import mark, marked, posted_since
from bot.slack.incoming.unnoted import begun_before
from bot.slack.screens.talking import showing as screens
from storage.members import Member
from storage.schema import now
from storage.tables import Conversation, Event, Turn


class Audience:
    """Of one turn; in a direct message nobody else reads."""

    def __init__(self, client: AsyncWebClient, chats: Chats, turn: Turn, conversation: Conversation) -> None:
        self._client = client
        self._chats = chats
        self._turn = turn
        self._conversation = conversation
        self._may: set[str] = set()
        self._asked: Open | None = None

    async def allowed(self, told: AsyncIterator[Told]) -> AsyncIterator[Told]:
        """What may be shown where it was asked: from the first that may not, a word in its place and nothing else."""
        if Place.of(self._conversation).private:
            async for each in told:
                yield each
            return
        if Open.of(self._conversation):
            yield await self._hold(Open.of(self._conversation), "")
        async for each in told:
            if self._asked is None and (connection := await self._private(each)):
                yield await self._hold(None, connection)
            if self._asked is None:
                yield each
            elif isinstance(each, Event) and each.kind == "approval" and each.body.get("state") == "asked":
                await self._ask_approval(str(each.body["id"]), self._asked)

    def check(self) -> None:
        """Raises `HeldBack`."""
        if self._asked:
            raise HeldBack

    async def _private(self, each: Told) -> str:
        """The connection that gave what comes now, when others may not read it."""
        body = each.body if isinstance(each, Event) and each.kind == "tool" else {}
        connection = str(body.get(CONNECTION) or "")
        if not connection or connection in self._may:
            return ""
        if await self._chats.showing.may(self._conversation, connection):
            self._may.add(connection)
            return ""
        return connection

    async def _hold(self, before: Open | None, connection: str) -> Event:
        if before and before.until <= now():
            await self._lapsed(before)
        opened = await self._chats.showing.ask(self._conversation, connection)
        self._asked = opened if opened.ts else await self._ask(opened)
        return Event(kind="notice", body={"text": screens.WAITS})

    async def _ask(self, opened: Open) -> Open:
        member = Member(self._conversation.workspace_id, self._conversation.member_id)
        channel = self._conversation.place["channel"]
        titles = await self._chats.showing.titles(member.workspace, opened.connections)
        direct = await direct_channel(self._client, member)
        ts = await self._stands(direct, opened)
        if ts is None:
            answer = await self._client.chat_postMessage(
                channel=direct,
                text=screens.asked_text(channel, titles),
                blocks=screens.asked(self._conversation.id, channel, titles, self._turn.text),
                unfurl_links=False,
                unfurl_media=False,
                metadata=mark(self._about(opened)),
            )
            ts = str(answer["ts"])
        await self._chats.showing.asked_in(self._conversation, direct, ts)
        return Open(opened.connections, opened.until, direct, ts)

    async def _stands(self, direct: str, opened: Open) -> str | None:
        """Where it was put up by a process that could not note it any more; what is decided has no such buttons."""
        if not (since := begun_before(self._turn)):
            return None
        posted = await posted_since(self._client, direct, None, since)
        open_still = [each for each in posted if screens.HERE in str(each.get("blocks"))]
        return next(iter(marked(open_still, self._about(opened))), None)

    def _about(self, opened: Open) -> str:
        return ":".join([self._conversation.id, *opened.connections])

    async def _lapsed(self, before: Open) -> None:
        if before.ts:
            await self._client.chat_update(channel=before.channel, ts=before.ts, text=screens.LAPSED, blocks=[])

    async def _ask_approval(self, approval_id: str, asked: Open) -> None:
        """Its arguments may hold what was read: it is asked beside the other question."""
        approval = await self._chats.approval(self._conversation.workspace_id, approval_id)
        if approval:
            since = begun_before(self._turn)
            await ask(self._client, self._chats, approval, asked.channel, asked.ts, since=since)
