"""/tempchat: the words after it, each answered for the member's eyes only."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.errors import NotFound
from bot.slack.edge import command_words as words
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.commands import hang_command
from bot.slack.listeners.links import making
from bot.slack.screens.blocks.elements import Block
from bot.slack.screens.blocks.text import unmarked
from bot.slack.screens.links import changes, listing
from bot.slack.screens.talking import help as usage
from bot.slack.services import Services
from storage.schema import now
from storage.tables import Link

COMMAND = "/tempchat"
Listing = Callable[[Sequence[Link], datetime, str], list[Block]]


def hang(registry: Registry, services: Services) -> None:
    hang_command(registry, services, COMMAND, usage.RUN_TEMPCHAT, run)


async def run(interaction: Interaction, services: Services, text: str) -> None:
    word, rest = words.split(text)
    verb = words.meant(word, words.TEMPCHAT)
    if verb == "create":
        await making.open_form(interaction, services, words.unquoted(rest))
    elif verb == "list":
        mine = await _mine(interaction, services)
        counts = await services.links.outcomes.counts(interaction.member, mine)
        await interaction.reply("Your temporary chat links", listing.listed(mine, now(), counts=counts))
    elif verb == "revoke":
        await _revoke(interaction, services, rest)
    elif verb == "help":
        await interaction.reply("What /tempchat can do", usage.tempchat())
    else:
        await _guess(interaction, services, word, rest, text)


async def _guess(interaction: Interaction, services: Services, word: str, rest: str, text: str) -> None:
    """A link may be named by itself; a word that is near to a known one is offered as a button; else help."""
    link, missed = await _found(interaction, services, words.names(text))
    verb = words.guessed(word, words.TEMPCHAT)
    if link:
        await interaction.reply("Your temporary chat links", listing.listed([link], now()))
    elif verb:
        line = f"{verb} {rest}".strip()
        await interaction.reply(usage.UNKNOWN, usage.did_you_mean(COMMAND, verb, usage.RUN_TEMPCHAT, line))
    elif missed and missed.near:
        await _show_instead(interaction, services, missed, listing.listed)
    else:
        await interaction.reply(usage.UNKNOWN, usage.tempchat(usage.UNKNOWN))


async def _revoke(interaction: Interaction, services: Services, rest: str) -> None:
    link, missed = await _found(interaction, services, words.names(rest))
    if link:
        await interaction.reply(f"Revoke {unmarked(link.title)}?", changes.revoke_question(link))
    elif missed:
        await _show_instead(interaction, services, missed, listing.choose)
    else:
        mine = await _mine(interaction, services)
        await interaction.reply("Revoke which one?", listing.choose(mine, now()))


async def _found(interaction: Interaction, services: Services, names: list[str]) -> tuple[Link | None, NotFound | None]:
    """The live link of one of these names, or why there is none."""
    missed = None
    for name in names:
        try:
            return await services.links.find(interaction.member, name), None
        except NotFound as error:
            missed = error
    return None, missed


async def _show_instead(interaction: Interaction, services: Services, missed: NotFound, as_a: Listing) -> None:
    """What is near to the name, or all there is, with what was wanted of it."""
    mine = await _mine(interaction, services)
    shown = [link for link in mine if link.id == missed.near] or mine
    told = unmarked(str(missed))
    await interaction.reply(told, as_a(shown, now(), told) if mine else listing.listed(mine, now()))


async def _mine(interaction: Interaction, services: Services) -> list[Link]:
    return await services.links.of(interaction.member)
