"""What can fail, each a line of `FAULTS`: it is done, lasts for a while, and is over when the call returns."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping

from benchmarks.chaos.town import Town

Fault = Callable[[Town], Awaitable[None]]
WRITING = ("chat.startStream", "chat.appendStream", "chat.stopStream", "chat.postMessage")
SILENT, HANGING, FROZEN = 14.0, 8.0, 20.0
"""Seconds. A lease lasts for fifteen, so others take what a process held that stood still."""


async def _process_killed(town: Town) -> None:
    one = town.one()
    dead = one.pid
    await one.kill()
    await town.lapsed(dead)
    await town.rest(town.dice.uniform(0.5, 4.0))
    await one.start()


async def _process_stopped(town: Town) -> None:
    one = town.one()
    await one.stop()
    await town.rest(town.dice.uniform(0.5, 2.0))
    await one.start()


async def _process_frozen(town: Town) -> None:
    one = town.one()
    one.freeze()
    try:
        await town.rest(FROZEN)
    finally:
        one.thaw()


async def _postgres_killed(town: Town) -> None:
    town.postgres.crash()
    try:
        await town.rest(town.dice.uniform(0.5, 3.0))
    finally:
        town.postgres.start()


async def _postgres_late(town: Town) -> None:
    town.to_database.hold()
    try:
        await town.rest(SILENT)
    finally:
        town.to_database.let_go()


async def _postgres_silent(town: Town) -> None:
    town.to_database.hold()
    try:
        await town.rest(SILENT)
    finally:
        town.to_database.cut()
        town.to_database.let_go()


async def _slack_cut(town: Town) -> None:
    """Half of the calls have happened all the same."""
    for _ in range(3):
        for method in WRITING:
            town.slack.will_break(method, 1, cut=True, done=town.dice.random() < 0.5)
        town.to_slack.cut()
        await town.rest(town.dice.uniform(0.5, 1.5))


async def _slack_limits(town: Town) -> None:
    for method in WRITING:
        town.slack.will_limit(method, 2, retry_after=1)
    await town.rest(3.0)


async def _slack_hangs(town: Town) -> None:
    """Nothing that is held ever arrives."""
    town.to_slack.hold()
    try:
        await town.rest(HANGING)
    finally:
        town.to_slack.cut()
        town.to_slack.let_go()


async def _slack_answers_late(town: Town) -> None:
    town.to_slack.hold_answers()
    try:
        await town.rest(HANGING)
    finally:
        town.to_slack.let_go()


async def _sockets_dropped(town: Town) -> None:
    for _ in range(3):
        for socket in list(town.slack.workspace.sockets.open):
            await socket.close()
        await town.rest(town.dice.uniform(0.2, 1.0))


async def _model_away(town: Town) -> None:
    town.mind.away = True
    await town.rest(3.0)
    town.mind.away = False


async def _model_breaks_off(town: Town) -> None:
    town.mind.breaks_off = True
    await town.rest(3.0)
    town.mind.breaks_off = False


async def _server_killed(town: Town) -> None:
    """It comes back by itself."""
    for _ in range(2):
        town.server.kill()
        await town.rest(town.dice.uniform(1.0, 3.0))


async def _server_hangs(town: Town) -> None:
    pid = town.server.pid
    if pid is None:
        return
    os.kill(pid, signal.SIGSTOP)
    try:
        await town.rest(HANGING)
    finally:
        os.kill(pid, signal.SIGCONT)


async def _pages_loaded_anew(town: Town) -> None:
    for page in town.pages:
        page.load_anew() if town.dice.random() < 0.5 else page.lose_the_stream()
        await asyncio.sleep(0)
    await town.rest(1.0)


FAULTS: Mapping[str, Fault] = {
    "one of two processes is killed (SIGKILL) and started again": _process_killed,
    "one of two processes stands still for 20 s": _process_frozen,
    "one of two processes is stopped (SIGTERM) and started again": _process_stopped,
    "PostgreSQL is killed, and recovers": _postgres_killed,
    "PostgreSQL is silent for 14 s, then all that was held arrives": _postgres_late,
    "PostgreSQL is silent for 14 s, then its connections are gone": _postgres_silent,
    "Slack's API cuts connections, half of the calls having happened": _slack_cut,
    "Slack's API answers 429": _slack_limits,
    "Slack's API hangs for 8 s, and nothing has happened": _slack_hangs,
    "Slack's API does what is asked and answers 8 s late": _slack_answers_late,
    "Slack drops the sockets": _sockets_dropped,
    "the model answers 503": _model_away,
    "the model's stream is cut in the middle": _model_breaks_off,
    "a member's server is killed and comes back": _server_killed,
    "a member's server hangs for 8 s": _server_hangs,
    "guests load their page anew, or lose its stream": _pages_loaded_anew,
}
