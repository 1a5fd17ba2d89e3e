"""/tempchat: the words after it."""

from bot.slack.edge import command_words
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners import links
from bot.slack.screens import help as usage
from bot.slack.screens import links as screens
from bot.slack.services import Services
from storage.schema import now

COMMAND = "/tempchat"


def hang(registry: Registry, services: Services) -> None:
    @registry.command(COMMAND)
    async def tempchat(interaction: Interaction) -> None:
        text = interaction.payload.get("text") or ""
        word, rest = command_words.split(text)
        if command_words.looks_secret(text):
            await interaction.ack(text=usage.REFUSED)
        elif word == "create":
            await interaction.ack()
            await links.open_form(interaction, services, rest)
        elif word == "list":
            await interaction.ack()
            await _list(interaction, services)
        elif word == "revoke":
            await interaction.ack()
            await _revoke(interaction, services, rest)
        elif word in ("", "help"):
            await interaction.ack(text="What /tempchat can do", blocks=usage.tempchat())
        else:
            await interaction.ack(text=usage.did_you_mean(COMMAND, command_words.nearest(word, usage.TEMPCHAT)))


async def _list(interaction: Interaction, services: Services) -> None:
    mine = await services.links.of(interaction.member)
    await interaction.reply("Your temporary chat links", screens.listed(mine, now()))


async def _revoke(interaction: Interaction, services: Services, title: str) -> None:
    if not title:
        await _list(interaction, services)
        return
    link = await services.links.find(interaction.member, title)
    await interaction.reply(f"Revoke {link.title}?", screens.revoke_question(link))
