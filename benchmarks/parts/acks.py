"""How long Slack waits for an acknowledgement: of commands, and of mentions, which are stored before it comes."""

import asyncio
import time

from playground.slack.server import LocalSlack

OWNER, MEMBER, DM, CHANNEL, USHER = "U0OWNER", "U0MEMBER", "D0OWNER", "C0GENERAL", "U0USHER"
QUESTION = "What do you know about lighthouses?"
APART, PATIENCE = 0.02, 30.0


async def of_commands(slack: LocalSlack, commands: int) -> list[float]:
    times = []
    for _ in range(commands):
        begun = time.perf_counter()
        await slack.command(OWNER, DM, "/mcp help")
        times.append(time.perf_counter() - begun)
        await asyncio.sleep(APART)
    return times


async def of_events(slack: LocalSlack, events: int) -> list[float]:
    """One after the other; whether they are answered is not waited for."""
    times = []
    for _ in range(events):
        times.append(await until_all_acked(slack, 1))
        await asyncio.sleep(APART)
    return times


async def until_all_acked(slack: LocalSlack, number: int) -> float:
    """Seconds, of so many mentions that come in one moment."""
    begun = time.perf_counter()
    for _ in range(number):
        await slack.person_says(OWNER, CHANNEL, f"<@{USHER}> {QUESTION}")
    await slack.when(lambda: not slack.unheard, PATIENCE)
    return time.perf_counter() - begun
