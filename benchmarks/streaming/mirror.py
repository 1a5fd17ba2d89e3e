"""Fifty guests of one host at once: when all of it stands in the host's threads, and what a guest next door feels."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import aiohttp

from benchmarks.parts.guests import TEAM, Chat, answered, seated
from benchmarks.parts.house import House, Street, house, street
from benchmarks.parts.report import Measured, main, spread
from benchmarks.processes import folder
from storage.members import Member

BUSY, CALM = "U0OWNER", "U0MEMBER"
"""Two hosts, each with a direct message of their own."""
BUSY_DM, CALM_DM = "D0OWNER", "D0MEMBER"
ALLOWED = 1.0
"""Seconds between two messages in one conversation, by Slack's rules."""
ANSWER = ["Lighthouses stand ", "where the land ends."]
PATIENCE = 300.0

Seconds = list[float]
Json = dict[str, Any]


class Seen:
    """What of the guests' talk has come to Slack, and when the last of it did."""

    def __init__(self, beside: Street) -> None:
        self._slack = beside.slack
        self.last = 0.0

    async def until(self, *words: str, answers: int = 0) -> None:
        """All of them stand in a thread, and so many answers in the busy host's."""

        def all_there() -> bool:
            told = json.dumps([each["blocks"] for each in self._posted(BUSY_DM)])
            if told.count(ANSWER[-1]) < answers:
                return False
            told += json.dumps([each["blocks"] for each in self._posted(CALM_DM)])
            self.last = time.perf_counter()
            return all(each in told for each in words)

        await self._slack.when(all_there, PATIENCE)

    def posts(self, channel: str) -> int:
        return len(self._posted(channel))

    def _posted(self, channel: str) -> list[Json]:
        return [each for each in self._slack.of("chat.postMessage") if each["channel"] == channel]


async def measure(quick: bool) -> Measured:
    crowd, calm = (3, 1) if quick else (50, 20)
    with folder() as where:
        async with street(where) as beside, house(where, beside) as usher:
            guests = await _seated(usher, BUSY, crowd)
            warm, before, after = [await _seated(usher, CALM, count) for count in (2, calm, calm)]
            seen = Seen(beside)
            async with aiohttp.ClientSession(usher.url, cookie_jar=aiohttp.DummyCookieJar()) as session:
                await _one_by_one(session, beside, seen, warm)
                idle = usher.cost()
                alone, shown_alone = await _one_by_one(session, beside, seen, before)
                cost_alone, idle, begun = usher.cost() - idle, usher.cost(), time.perf_counter()
                told = await _at_once(session, beside, guests)
                meanwhile, shown_meanwhile = await _one_by_one(session, beside, seen, after)
                await seen.until(*guests, answers=crowd)
                all_shown, sent, cost = seen.last - begun, seen.posts(BUSY_DM), usher.cost() - idle
    least = max(1, sent - 1) * ALLOWED
    figures = {"all_shown_s": all_shown, "messages": sent, **spread("crowd", told)}
    figures |= spread("meanwhile", meanwhile) | spread("shown_meanwhile", shown_meanwhile)
    figures |= cost.each("crowded", crowd + calm) | cost_alone.each("alone", calm)
    baseline = {"least_s": least, **spread("alone", alone), **spread("shown_alone", shown_alone)}
    ratio = {
        "shown_by_least": all_shown / least,
        "meanwhile_by_alone": figures["meanwhile_p50_ms"] / baseline["alone_p50_ms"],
        "shown_meanwhile_by_alone": figures["shown_meanwhile_p50_ms"] / baseline["shown_alone_p50_ms"],
    }
    bars = {"shown_by_least": 1.3, "meanwhile_by_alone": 1.5, "shown_meanwhile_by_alone": 1.5}
    return Measured({**figures, **ratio}, baseline, ratio, bars)


async def _seated(usher: House, host: str, count: int) -> dict[str, Chat]:
    """By the words that each of them says, and nobody else does."""
    chats = await seated(usher.database_url, usher.url, count, each_link=count, creator=Member(TEAM, host))
    return {f"I am guest {number:03} of {chat.link_id}.": chat for number, chat in enumerate(chats)}


async def _at_once(session: aiohttp.ClientSession, beside: Street, guests: Mapping[str, Chat]) -> Seconds:
    for _ in guests:
        beside.will_say(*ANSWER)
    asking = (answered(session, chat, words, PATIENCE) for words, chat in guests.items())
    return [whole for _, whole in await asyncio.gather(*asking)]


async def _one_by_one(
    session: aiohttp.ClientSession, beside: Street, seen: Seen, guests: Mapping[str, Chat]
) -> tuple[Seconds, Seconds]:
    """Until each has the whole answer, and until their words stand in Slack."""
    wholes, shown = [], []
    for words, chat in guests.items():
        beside.will_say(*ANSWER)
        begun = time.perf_counter()
        wholes.append((await answered(session, chat, words, PATIENCE))[1])
        await seen.until(words)
        shown.append(seen.last - begun)
    return wholes, shown


if __name__ == "__main__":
    main("streaming.mirror", __doc__, measure)
