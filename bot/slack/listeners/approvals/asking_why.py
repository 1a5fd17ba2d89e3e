"""«Why?» of a question, and of calls that were not made; and how often people are asked, for administrators."""

from bot.errors import NotYours
from bot.services.approvals import counting, reasons
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.approvals.deciding import own_one
from bot.slack.listeners.cards.filled_in import only_admins
from bot.slack.screens import approvals as screens
from bot.slack.screens.approvals import counted, why
from bot.slack.services import Services

NOT_YOURS = "Only the member who asked can see which rules hold for their tools. Ask them."


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.WHY)
    async def why_asked(interaction: Interaction) -> None:
        await interaction.ack()
        approval = await own_one(interaction, services, screens.shown_of(interaction.value).approval)
        await interaction.show(why.window(await reasons.of(services.db, approval, services.shelf)))

    @registry.action(why.REFUSALS)
    async def why_refused(interaction: Interaction) -> None:
        await interaction.ack()
        workspace = interaction.member.workspace
        async with services.db.read() as tables:
            turn = await tables.turns.get(workspace, interaction.value)
            conversation = await tables.conversations.get(workspace, turn.conversation_id) if turn else None
            events = await tables.events.of_turn(workspace, turn.id) if turn else []
        if conversation is None or conversation.member_id != interaction.member.id:
            raise NotYours(NOT_YOURS)
        calls = [each.body for each in events if each.kind == "tool" and each.body.get("refused")]
        member, cards = interaction.member, services.shelf
        found = [await reasons.of_refusal(services.db, member, call, cards) for call in calls[: why.MOST]]
        await interaction.show(why.window(list(dict.fromkeys(found))))

    @registry.action(counted.OPEN)
    async def how_often(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services)
        found = await counting.figures(services.db, interaction.member.workspace, services.shelf)
        await interaction.show(counted.window(found))
