"""Connections asked for their tools: each tells how it went, whatever becomes of the others."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bot.errors import UserError
from bot.slack.screens import notices
from bot.slack.screens.blocks.elements import Block, section
from bot.slack.screens.blocks.text import unmarked
from bot.slack.screens.connections import testing as screens
from bot.slack.services import Services
from storage.members import Member
from storage.tables import Connection

log = logging.getLogger(__name__)

AT_ONCE, PATIENCE = 1.5, 6.0
"""Seconds until those are told that have answered by then, and seconds until they are once more.

With what comes last these are three posts: a command's response URL takes five.
"""


@dataclass(frozen=True)
class Outcome:
    line: str
    """For one among several."""
    card: list[Block]
    """For one alone."""


async def tested(services: Services, member: Member, connection_id: str) -> Outcome:
    """How it went; never an exception, so that nobody waits for a word that does not come."""
    try:
        found = await services.connections.test(member, connection_id)
        return Outcome(screens.line(found), screens.card(found))
    except UserError as error:
        text = unmarked(str(error))
        return Outcome(text, [section(text)])
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("connection %s could not be tested, reference %s", connection_id, reference)
        return Outcome(notices.WENT_WRONG.format(reference=reference), notices.went_wrong(reference))


async def told_by_and_by(
    services: Services, member: Member, connections: Sequence[Connection]
) -> AsyncIterator[tuple[list[Outcome], list[Connection]]]:
    """How it went with those that have answered since the last time, with those that are still asked."""
    asked = {asyncio.create_task(tested(services, member, each.id)): each for each in connections}
    try:
        for patience in (AT_ONCE, PATIENCE, None):
            if not asked:
                return
            await asyncio.wait(asked, timeout=patience)
            done = [task for task in asked if task.done()]
            outcomes = [task.result() for task in done]
            for task in done:
                del asked[task]
            yield outcomes, list(asked.values())
    finally:
        for task in asked:
            task.cancel()
        if asked:
            await asyncio.wait(asked)
