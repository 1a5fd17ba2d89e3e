"""Another app, or a workflow, mentions us: answered where administrators let it be, and never for ever.

Nothing is ever said to one that may not ask: it might answer that.
"""

import logging

from bot.services.chats import Place
from bot.services.limits.outside.bots import BotsPace
from bot.slack.acts.hearing.first_questions import question_of
from bot.slack.acts.hearing.taking_in import TakingIn
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.payload import Payload, home_team_of
from bot.slack.edge.people.colleagues import Colleagues, NotKnownYet
from bot.slack.edge.people.seen import Refusal
from bot.slack.incoming.spoken import own_id, spoken
from bot.slack.services import Services

log = logging.getLogger(__name__)

SUBTYPES = frozenset({None, "bot_message", "file_share", "thread_broadcast"})


class Bots:
    def __init__(self, services: Services, colleagues: Colleagues, taking_in: TakingIn) -> None:
        self._services = services
        self._colleagues = colleagues
        self._taking_in = taking_in
        self._pace = BotsPace(services.db)

    async def said(self, body: Payload) -> None:
        """By mention alone: nothing else that a program says is for us, nor what it says in a direct message."""
        event, own = body["event"], own_id(body)
        if not event.get("bot_id") or event.get("subtype") not in SUBTYPES or event["channel"].startswith("D"):
            return
        if not own or event.get("user") == own or f"<@{own}>" not in str(event.get("text") or ""):
            return
        try:
            seen = await self._colleagues.bot(body)
        except TROUBLE as error:
            log.warning("Slack did not say who we are, so that a bot is not answered yet: %s", code_of(error))
            raise NotKnownYet from error
        channel, ts = event["channel"], event["ts"]
        thread = event.get("thread_ts") or ts
        if seen.refusal is Refusal.ASK_FIRST and seen.member and seen.kind:
            await self._services.from_outside.ask(seen.member, seen.kind, "", question_of(body))
        if seen.admitted is None:
            return
        if "thread_ts" in event and await self._services.hosting.followed_in(seen.admitted.workspace, channel, thread):
            return  # what is said in a guest's thread is no question to the agent
        if not await self._pace.may(seen.admitted, channel, thread, ts):
            log.info("a bot is not answered: it asks too often, or was answered before")
            return
        await self._taking_in.say(
            seen.admitted, Place(channel, thread, home_team_of(body), private=False), event, spoken(event, own)
        )

    async def person_asked(self, workspace: str, channel: str, thread_ts: str) -> None:
        await self._pace.person_asked(workspace, channel, thread_ts)
