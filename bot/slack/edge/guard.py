"""No ack is lost to an exception, and no failure leaves the person without a word.

Bolt drops the ack of a listener that raises within about ten milliseconds of it, so none may raise.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence

from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.errors import UserError
from bot.slack.edge.background import BackgroundTasks
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.interaction import Interaction, WindowLost
from bot.slack.edge.people.colleagues import Colleagues
from bot.slack.edge.people.seen import Seen
from bot.slack.edge.people.turning_away import home_tab, words
from bot.slack.screens.blocks.elements import Block, section
from bot.slack.screens.blocks.text import unmarked
from bot.slack.screens.notices import IN_DOUBT, NO_ROOM, WENT_WRONG, notice, went_wrong
from bot.slack.screens.talking.from_outside import READS_ONLY
from storage.engines.endings import InDoubt
from storage.engines.room import is_full

log = logging.getLogger(__name__)

Listener = Callable[[Interaction], Awaitable[None]]
Guarded = Callable[[AsyncArgs], Awaitable[None]]


def guarded(listener: Listener, tasks: BackgroundTasks, colleagues: Colleagues, *, reading: bool = False) -> Guarded:
    """For Bolt to call. Those who may not ask are told so, and nothing else is done; so are those who may only read,
    where it is not ``reading``: nothing made, changed or approved."""

    async def run(args: AsyncArgs) -> None:
        if task := asyncio.current_task():
            tasks.adopt(task)
        seen = await colleagues.seen(args.body)
        if seen.admitted is None:
            await _turn_away(args, seen)
            return
        interaction = Interaction(args, seen.admitted)
        if seen.reads_only and not reading:
            await _own_up(interaction, READS_ONLY)
            return
        try:
            await listener(interaction)
        except WindowLost as lost:
            await _own_up(interaction, str(lost), _retry(interaction, str(lost)))
        except UserError as error:
            await _own_up(interaction, unmarked(str(error)))
        except Exception as error:
            if is_full(error):  # of that the log says it once
                await _own_up(interaction, NO_ROOM, _retry(interaction, NO_ROOM))
                return
            if isinstance(error, InDoubt):
                log.warning("listener %s: nobody can say whether it is done", name)
                await _own_up(interaction, IN_DOUBT)
                return
            reference = secrets.token_hex(4)
            log.exception("listener %s failed, reference %s", name, reference)
            blocks = went_wrong(reference, interaction.again)
            await _own_up(interaction, WENT_WRONG.format(reference=reference), blocks)

    name = getattr(listener, "__name__", "listener")
    run.__name__ = name
    return run


async def _turn_away(args: AsyncArgs, seen: Seen) -> None:
    """With a word for those whom there is a reason to tell."""
    if seen.refusal is None or seen.member is None:
        await args.ack()
        return
    await _own_up(Interaction(args, seen.member), words(seen))
    try:
        await home_tab(args.client, args.body.get("event") or {}, words(seen))
    except TROUBLE as error:
        log.warning("a Home tab could not say who may ask: %s", code_of(error))


def _retry(interaction: Interaction, text: str) -> list[Block]:
    return [section(text), *interaction.again] if interaction.again else []


async def _own_up(interaction: Interaction, text: str, blocks: Sequence[Block] = ()) -> None:
    """Ack if nobody did, and tell the person by the best way there is."""
    try:
        if interaction.acked:
            await _tell(interaction, text, blocks)
        elif interaction.body.get("type") == "view_submission":  # on top of the form: what was typed is still below
            await interaction.ack(response_action="push", view=notice(text, blocks))
        elif "command" in interaction.body:
            await interaction.ack(text=text, blocks=list(blocks) or None, response_type="ephemeral")
        else:
            await interaction.ack()
            await _tell(interaction, text, blocks)
    except Exception:
        log.exception("could not tell the person")


async def _tell(interaction: Interaction, text: str, blocks: Sequence[Block]) -> None:
    if interaction.body.get("type") == "event_callback":
        return
    if interaction.body.get("type") == "view_submission":
        await interaction.update(interaction.view["id"], notice(text, blocks))
    else:
        await interaction.reply(text, blocks)
