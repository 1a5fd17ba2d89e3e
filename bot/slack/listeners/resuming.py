"""The button under an interrupted answer: go on, once."""

from bot.errors import NotYours
from bot.slack.edge.interaction import Act
from bot.slack.edge.registration import Door
from bot.slack.screens import interrupted as screens
from bot.slack.screens.blocks.text import escaped
from bot.slack.services import Services


def hang(door: Door, services: Services) -> None:
    @door.action(screens.GO_ON)
    async def go_on(act: Act) -> None:
        await act.ack()
        try:
            await services.chats.go_on(act.member, act.value)
        except NotYours as error:
            await act.reply(escaped(str(error)))
            return
        await act.reply(screens.GOING_ON, screens.going_on(), replace=True)
