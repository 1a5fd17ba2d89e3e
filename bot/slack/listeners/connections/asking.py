"""The first question about a new connection, asked by a press: answered in the member's direct message."""

from bot.services.chats import Place
from bot.slack.acts.direct_message import direct_channel, tell
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import home_team_of
from bot.slack.edge.registration import Registry
from bot.slack.screens import notices
from bot.slack.screens.connections import connected as screens
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.ASK)
    async def ask(interaction: Interaction) -> None:
        await interaction.ack()
        member, question = interaction.member, interaction.value
        source = f"ask:{interaction.view.get('id', '')}:{interaction.team}:{member.id}:{question}"[:200]
        async with services.db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            if not await tables.handled.first_time(member.workspace, f"{member.workspace}:{source}"):
                return  # pressed twice
        ts = await tell(interaction.client, member, screens.asked(question))
        channel = await direct_channel(interaction.client, member)
        place = Place(channel, ts, home_team_of(interaction.body), private=True)
        await services.chats.say(member, place, question, source=f"slack:{channel}:{ts}")
        if interaction.in_modal:
            told = notices.notice(screens.ANSWERED_THERE, title=screens.TITLE)
            await interaction.update(interaction.view["id"], told)
