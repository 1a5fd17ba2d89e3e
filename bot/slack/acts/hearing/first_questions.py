"""The first question of one from outside, kept until an admin has decided about them."""

from typing import Any

from bot.services.chats import Place
from bot.slack.edge.payload import Payload, home_team_of
from bot.slack.edge.people.seen import Seen
from bot.slack.incoming.spoken import own_id
from bot.slack.screens.talking import from_outside as screens
from bot.slack.services import Services


class FirstQuestions:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def kept(self, seen: Seen, body: Payload) -> str:
        """The admins are asked, once; what whoever asked is told."""
        assert seen.member and seen.kind  # noqa: S101  of nobody there is nothing to ask
        asks, until = await self._services.from_outside.ask(seen.member, seen.kind, seen.home, question_of(body))
        return screens.asked(until) if asks else screens.waits(until)


def question_of(body: Payload) -> dict[str, Any]:
    """As it came, so that it is answered as if it had come later."""
    event = body["event"]
    where = {"channel": event["channel"], "ts": event["ts"], "thread_ts": event.get("thread_ts") or event["ts"]}
    return {**where, "team": home_team_of(body), "own": own_id(body), "event": event}


def place_of(question: dict[str, Any]) -> Place:
    private = str(question["channel"]).startswith("D")
    return Place(question["channel"], question["thread_ts"], question["team"], private)
