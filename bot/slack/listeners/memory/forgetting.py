"""Notes are looked through and forgotten, one or all; admins say after which silence conversations go."""

from bot.services.memory import Memory
from bot.slack.acts.home import publish
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.cards.filled_in import only_admins
from bot.slack.screens import notices
from bot.slack.screens.memory import retention, section
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    if (memory := services.memory) is not None:
        _notes(registry, memory)
        _retention(registry, services, memory)


def _notes(registry: Registry, memory: Memory) -> None:
    @registry.action(section.NOTES)
    async def all_notes(interaction: Interaction) -> None:
        await interaction.ack()
        await interaction.show(section.all_notes((await memory.of(interaction.member)).notes))

    @registry.action(section.FORGET_NOTE)
    async def forget(interaction: Interaction) -> None:
        await interaction.ack()
        await memory.notes.forget(interaction.member, interaction.value)
        if interaction.in_modal:
            view = section.all_notes((await memory.of(interaction.member)).notes)
            await interaction.update(interaction.view["id"], view)

    @registry.action(section.UNDO)
    async def undo(interaction: Interaction) -> None:
        await interaction.ack()
        gone = await memory.notes.forget(interaction.member, interaction.value)
        await interaction.reply(section.undone(gone), replace=True)

    @registry.action(section.FORGET_ALL)
    async def everything(interaction: Interaction) -> None:
        await interaction.ack()
        gone = await memory.forgetting.everything(interaction.member)
        await interaction.reply(section.forgotten(gone.memories, gone.notes))


def _retention(registry: Registry, services: Services, memory: Memory) -> None:
    @registry.action(retention.OPEN)
    async def opened(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, retention.ONLY_ADMINS)
        await interaction.show(retention.form(await memory.forgetting.terms(interaction.member.workspace)))

    @registry.view(retention.FORM)
    async def saved(interaction: Interaction) -> None:
        await only_admins(interaction, services, retention.ONLY_ADMINS)
        text = str(values_of(interaction.view).get(retention.DAYS) or "").strip()
        if text and not text.isdecimal():
            await interaction.ack(response_action="errors", errors={retention.DAYS: retention.NO_NUMBER})
            return
        days = int(text) if text else None
        await memory.forgetting.set_terms(interaction.member, days)
        await interaction.ack_with(notices.notice(retention.saved(days), title=retention.TITLE))
        await publish(interaction.client, services, interaction.member)
