"""From a person's message to the first words and to the last, beside google-genai alone; acks while turns stream."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from google import genai

from benchmarks.parts import acks
from benchmarks.parts.acks import CHANNEL, DM, MEMBER, OWNER, PATIENCE, QUESTION, USHER
from benchmarks.parts.cost import NOTHING, Cost
from benchmarks.parts.guests import answered, seated
from benchmarks.parts.house import MANIFEST, House, Street, house, street
from benchmarks.parts.report import Measured, main, spread
from benchmarks.processes import folder, plain_environment, running
from playground.slack.server import LocalSlack

MODEL = "gemini-2.5-flash"
APART = 60
"""Seconds by the local Slack's clock: questions of a conversation of their own."""
ANSWER = ["Lighthouses stand ", "where the land ends. ", *["Their light is seen from far away. "] * 8]
SHORTLY = "Far."
STARTS_A_MINUTE, MINUTE = 20, 61.0
"""Usher opens no more streams than Slack takes: beyond them answers are posted, so a measurement waits for the next."""
CHUNKS_A_SECOND = 20.0

Times = list[tuple[float, float]]
"""Seconds from the question to the first words, and to the end."""


async def measure(quick: bool) -> Measured:
    rounds, warm, commands, streaming, at_once = (2, 1, 3, 3, 3) if quick else (70, 10, 100, 20, 10)
    with folder() as where:
        async with street(where) as beside, house(where, beside) as usher:
            slack, slack_cost = await _slack(usher, beside, warm, rounds)
            guests, bare, guest_cost = await _guests_and_bare(usher, beside, warm, rounds)
            idle = await acks.of_commands(beside.slack, commands)
            events = [await _event_acks(beside, at_once) for _ in range(1 if quick else 5)]
            await asyncio.sleep(0 if quick else MINUTE)
            busy, busy_events, stop = await _while_streaming(usher, beside, commands, streaming)
        async with _bare_bolt(where) as bolt:
            bolt_acks, bolt_event = await acks.of_commands(bolt, commands), await acks.of_events(bolt, commands)
            bolt_events = [await acks.until_all_acked(bolt, at_once) for _ in range(1 if quick else 5)]
    figures = {
        **_spreads("slack", slack),
        **_spreads("guest", guests),
        **slack_cost.each("slack", rounds),
        **guest_cost.each("guest", rounds),
        **spread("ack_while_20_stream", busy, 50, 99),
        **spread("event_ack_while_20_stream", busy_events, 50, 99),
        "stop_while_20_stream_s": stop,
        **spread("ack", idle, 50, 99),
        **spread("events_at_once_acked", events, 50, 99),
    }
    baseline = {**_spreads("genai", bare), **spread("bolt_ack", bolt_acks, 50, 99)}
    baseline |= spread("bolt_event_ack", bolt_event, 50, 99) | spread("bolt_events_at_once_acked", bolt_events, 50)
    figures["guest_turn_over_genai_p50_ms"] = figures["guest_whole_p50_ms"] - baseline["genai_whole_p50_ms"]
    ratio = {
        "slack_first": figures["slack_first_p50_ms"] / baseline["genai_first_p50_ms"],
        "guest_first": figures["guest_first_p50_ms"] / baseline["genai_first_p50_ms"],
        "guest_whole": figures["guest_whole_p50_ms"] / baseline["genai_whole_p50_ms"],
        "events_at_once_acked": figures["events_at_once_acked_p50_ms"] / baseline["bolt_events_at_once_acked_p50_ms"],
        "ack_while_20_stream_p99": figures["ack_while_20_stream_p99_ms"] / baseline["bolt_ack_p99_ms"],
    }
    bars = {"slack_first_p95_ms": 40, "guest_first_p95_ms": 25, "slack_cpu_ms": 15, "guest_cpu_ms": 15}
    bars |= {"ack_while_20_stream_p99_ms": 100, "event_ack_while_20_stream_p99_ms": 300, "stop_while_20_stream_s": 2}
    return Measured(figures, baseline, ratio, bars)


def _spreads(name: str, times: Times) -> dict[str, float]:
    first, whole = zip(*times, strict=True)
    return spread(f"{name}_first", first) | spread(f"{name}_whole", whole)


async def _slack(usher: House, beside: Street, warm: int, rounds: int) -> tuple[Times, Cost]:
    """Event to first stream call, and to the stream's end; and what Usher takes for all of them."""
    times, slack, cost = [], beside.slack, NOTHING
    for number in range(warm + rounds):
        if number and number % STARTS_A_MINUTE == 0:
            await asyncio.sleep(MINUTE)
        beside.will_say(*ANSWER)
        slack.calls.clear()
        slack.clock.forward(APART)
        begun, before = time.perf_counter(), usher.cost()
        await slack.person_says(OWNER, DM, QUESTION)
        await slack.when(lambda: slack.of("chat.startStream"), PATIENCE)
        first = time.perf_counter() - begun
        await slack.when(lambda: slack.of("chat.stopStream"), PATIENCE)
        times.append((first, time.perf_counter() - begun))
        cost += usher.cost() - before if number >= warm else NOTHING
    return times[warm:], cost


async def _guests_and_bare(usher: House, beside: Street, warm: int, rounds: int) -> tuple[Times, Times, Cost]:
    """By turns, so that both meet the same weather. Each guest asks once: limits are per guest."""
    chats = await seated(usher.database_url, usher.url, warm + rounds)
    options = genai.types.HttpOptions(base_url=beside.model.url)
    client = genai.Client(api_key="offline", http_options=options, vertexai=False)
    guests, bare, before = [], [], usher.cost()
    async with aiohttp.ClientSession(usher.url, cookie_jar=aiohttp.DummyCookieJar()) as session:
        for number, chat in enumerate(chats):
            if number == warm:
                before = usher.cost()
            beside.will_say(*ANSWER)
            guests.append(await answered(session, chat, QUESTION, PATIENCE))
            beside.will_say(*ANSWER)
            bare.append(await _bare(client))
        cost = usher.cost() - before
    await client.aio.aclose()
    return guests[warm:], bare[warm:], cost


async def _bare(client: genai.Client) -> tuple[float, float]:
    begun, first = time.perf_counter(), 0.0
    async for _ in await client.aio.models.generate_content_stream(model=MODEL, contents=QUESTION):
        first = first or time.perf_counter() - begun
    return first, time.perf_counter() - begun


async def _event_acks(beside: Street, number: int) -> float:
    """Seconds until so many mentions that come at once are acknowledged; it returns when all are answered."""
    for _ in range(number):
        beside.will_say(SHORTLY)
    beside.slack.calls.clear()
    seconds = await acks.until_all_acked(beside.slack, number)
    await beside.slack.when(lambda: len([*beside.slack.of("chat.stopStream"), *_posted(beside)]) >= number, PATIENCE)
    return seconds


def _posted(beside: Street) -> list[dict[str, object]]:
    """Answers for which no stream was left."""
    return [each for each in beside.slack.of("chat.postMessage") if SHORTLY in str(each)]


async def _while_streaming(
    usher: House, beside: Street, commands: int, streaming: int
) -> tuple[list[float], list[float], float]:
    """Acks of commands and of events, and the seconds of the stop, which is what ends the answers."""
    slack = beside.slack
    slack.calls.clear()
    beside.model.pace = CHUNKS_A_SECOND
    for number in range(streaming):
        # Little at a time: who says much goes on in a message of its own after a while, and that ends a stream.
        beside.will_say(*["Light. "] * int(CHUNKS_A_SECOND * 3 * PATIENCE))
        # By mention: in a direct message, what is said within seconds is one conversation. One alone has half of them.
        await slack.person_says((OWNER, MEMBER)[number % 2], CHANNEL, f"<@{USHER}> {QUESTION}")
    await slack.when(lambda: len(slack.of("chat.startStream")) >= streaming, PATIENCE)
    times, events = await acks.of_commands(slack, commands), await acks.of_events(slack, commands)
    if slack.of("chat.stopStream"):
        raise RuntimeError("an answer ended before the commands did")
    begun = time.perf_counter()
    os.kill(usher.child.pid or 0, signal.SIGTERM)
    await usher.child.ended
    return times, events, time.perf_counter() - begun


@asynccontextmanager
async def _bare_bolt(where: Path) -> AsyncIterator[LocalSlack]:
    """The same acks by an app of a few lines."""
    async with LocalSlack(where / "bolt", manifest=MANIFEST, generosity=None) as slack:
        env = plain_environment() | {"SLACK_API_URL": slack.api_url}
        async with running("bolt", where, "benchmarks.bare.bolt", slack.bot_token, slack.app_token, env=env):
            await slack.when(lambda: slack.online, within=PATIENCE)
            yield slack


if __name__ == "__main__":
    main("turn", __doc__, measure)
