"""A tool is tried out: a form, a question where one is asked, and what came of it in a window."""

import asyncio
import logging
import secrets
import time
from collections.abc import Sequence
from typing import Any

from bot.errors import UserError
from bot.services.connections.using.trying import Trial
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections.trial_window import TrialWindow
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.blocks.text import unmarked
from bot.slack.screens.connections import tool_lines as lines
from bot.slack.screens.connections import trying as screens
from bot.slack.screens.connections.tool_filters import Looking
from bot.slack.screens.notices import WENT_WRONG
from bot.slack.services import Services
from mcp_runtime.tools.tools import ToolResult
from storage.tables import Elicitation

log = logging.getLogger(__name__)


def hang(registry: Registry, services: Services) -> None:
    @registry.action(lines.TRY)
    async def open_form(interaction: Interaction) -> None:
        await interaction.ack()
        connection = Looking.of(interaction.view).connection
        trial = await services.connections.trying.look(interaction.member, connection, interaction.value)
        await interaction.show(screens.form(trial))

    @registry.view(screens.FORM)
    async def submitted(interaction: Interaction) -> None:
        trial = await _trial(interaction, services)
        found = screens.filled(trial, interaction.view)
        if found.complaints:
            await interaction.ack(response_action="errors", errors=found.complaints)
        elif trial.free:
            await _run(interaction, services, trial, found.arguments, on_top=True)
        else:
            await _answer(interaction, screens.question(trial, found.arguments), on_top=True)

    @registry.view(screens.YES)
    async def agreed(interaction: Interaction) -> None:
        kept = screens.kept_of(interaction.view)
        trial = await _trial(interaction, services)
        once = str(interaction.view["id"])
        await _run(interaction, services, trial, kept["arguments"], once=once, on_top=False)


async def _trial(interaction: Interaction, services: Services) -> Trial:
    """As the form or the question showed it, or not at all."""
    kept = screens.kept_of(interaction.view)
    return await services.connections.trying.look(interaction.member, kept["connection"], kept["tool"], kept["pin"])


async def _run(
    interaction: Interaction,
    services: Services,
    trial: Trial,
    arguments: dict[str, Any],
    *,
    on_top: bool,
    once: str = "",
) -> None:
    begun, window = time.monotonic(), TrialWindow(interaction, trial, on_top=on_top)
    asker = services.chats.elicitations.asker_by_hand(interaction.member, window.heard)
    calling = services.connections.trying.call(interaction.member, trial, arguments, once, asker=asker)
    call = asyncio.create_task(calling)
    try:
        await window.follow(call)
        await window.end(*await _outcome(trial, call, begun, window.questions))
    finally:
        call.cancel()


async def _answer(interaction: Interaction, view: View, *, on_top: bool) -> None:
    """``on_top`` where there is room for one more."""
    await (interaction.push(view) if on_top and not interaction.at_the_top else interaction.ack_with(view))


async def _outcome(
    trial: Trial, call: "asyncio.Task[ToolResult]", begun: float, questions: Sequence[Elicitation]
) -> tuple[View, str]:
    try:
        result = await call
    except UserError as error:
        told = unmarked(str(error))
    except Exception:  # a window that says «Running» waits for a word
        reference = secrets.token_hex(4)
        log.exception("a tool that was tried out failed, reference %s", reference)
        return screens.broke(reference), WENT_WRONG.format(reference=reference)
    else:
        shown = screens.outcome(trial, result, time.monotonic() - begun, questions)
        return shown, screens.outcome_text(trial, result)
    return screens.failed(told), told
