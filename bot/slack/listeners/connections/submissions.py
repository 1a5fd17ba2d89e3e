"""A form that was submitted: worked on once, however often it arrives, and answered wherever its person is by then."""

import asyncio
import hashlib
import json
import logging
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from bot.errors import UserError
from bot.slack.acts.connections.connecting import Outcome
from bot.slack.acts.direct_message import tell
from bot.slack.acts.installed.greeting import suggest
from bot.slack.edge.background import BackgroundTasks
from bot.slack.edge.interaction import Interaction
from bot.slack.screens import notices
from bot.slack.screens.blocks.elements import Block, View
from bot.slack.screens.blocks.text import unmarked
from bot.slack.services import Services

log = logging.getLogger(__name__)

GRACE = 1.0
"""Seconds in which most servers answer; Slack waits three."""
REMEMBERED = 200

Work = asyncio.Task[Outcome]


class Submissions:
    """Pressed twice or brought twice by Slack, a form is worked on once; after a failure it may be tried again."""

    def __init__(self, tasks: BackgroundTasks) -> None:
        self._tasks = tasks
        self._works: OrderedDict[tuple[str, str, bytes], Work] = OrderedDict()

    def of(
        self, interaction: Interaction, values: Mapping[str, str], begin: Callable[[], Coroutine[Any, Any, Outcome]]
    ) -> tuple[Work, bool]:
        """The work on this form, and whether it has been begun by this very submission."""
        # A digest, since among the values there may be a secret.
        typed = hashlib.sha256(json.dumps(sorted(values.items())).encode()).digest()
        key = (interaction.member.id, str(interaction.view["id"]), typed)
        there = self._works.get(key)
        if there is not None and not _failed(there):
            return there, False
        work = self._works[key] = asyncio.create_task(begin())
        self._tasks.adopt(work)
        while len(self._works) > REMEMBERED:
            self._works.popitem(last=False)
        return work, True


def _failed(work: Work) -> bool:
    return work.done() and (work.cancelled() or work.exception() is not None or bool(work.result().problems))


async def answer(
    interaction: Interaction,
    services: Services,
    work: Work,
    working: View,
    *,
    first: bool = True,
    waiting: AbstractAsyncContextManager[None] | None = None,
) -> None:
    """While the form still waits, with it: under the field that has to change, where it has that field.

    ``waiting`` tells in its window how far it has come.
    """
    await asyncio.wait({work}, timeout=GRACE)
    if not work.done():
        await interaction.ack_with(working)
        async with waiting if waiting and first else nullcontext():
            await asyncio.wait({work})
    outcome = await asyncio.shield(work)
    asked = {block["block_id"] for block in interaction.view["blocks"]}
    if outcome.problems and outcome.problems.keys() <= asked and not interaction.acked:
        await interaction.ack(response_action="errors", errors=dict(outcome.problems))
        return
    if in_time := not interaction.acked:
        await interaction.ack_with(outcome.view)
    if first:
        await show(interaction, services, outcome, interaction.view["id"], acked=in_time)


@asynccontextmanager
async def told_in(interaction: Interaction, view_id: str, title: str) -> AsyncIterator[None]:
    """Whatever goes wrong is told in the modal that waits for it, or by a message when that was closed."""
    blocks: list[Block] = []
    try:
        yield
    except UserError as error:
        text = unmarked(str(error))
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("what a modal waits for failed, reference %s", reference)
        text, blocks = notices.WENT_WRONG.format(reference=reference), notices.went_wrong(reference)
    else:
        return
    if not await interaction.update(view_id, notices.notice(text, blocks, title=title)):
        await tell(interaction.client, interaction.member, text, blocks)


async def show(
    interaction: Interaction, services: Services, outcome: Outcome, view_id: str, *, acked: bool = False
) -> None:
    """In the modal, where an ack may have put it already, or by a message when that was closed meanwhile."""
    shown = interaction.still_shows(outcome.view) if acked else interaction.update(view_id, outcome.view)
    if not await shown:
        await tell(interaction.client, interaction.member, outcome.text, outcome.blocks)
    if outcome.connected:
        await suggest(interaction.client, services, interaction.member)
