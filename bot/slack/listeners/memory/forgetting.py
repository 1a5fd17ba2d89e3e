"""Notes are looked through and forgotten, one or all."""

from bot.services.memory import Memory
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.screens.memory import section
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    if (memory := services.memory) is not None:
        _notes(registry, memory)


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
