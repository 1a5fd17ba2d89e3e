"""Making a temporary chat link, and ending it."""

import json

from slack_sdk.errors import SlackApiError

from bot.services.connections import FormError
from bot.services.links import Created
from bot.slack.acts.direct_message import direct_channel
from bot.slack.acts.hand_over import whisper
from bot.slack.acts.home import republish
from bot.slack.edge.interaction import Act
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Door
from bot.slack.screens import links as screens
from bot.slack.services import Services

SHORTCUT = "create_chat_link"


def hang(door: Door, services: Services) -> None:
    @door.shortcut(SHORTCUT)
    @door.action(screens.CREATE)
    async def create(act: Act) -> None:
        await act.ack()
        await open_form(act, services)

    @door.view(screens.FORM)
    async def submitted(act: Act) -> None:
        candidates = await services.links.candidates(act.member)
        try:
            made = await services.links.create(act.member, screens.draft(values_of(act.view), candidates))
        except FormError as error:
            await act.ack(response_action="errors", errors=error.errors)
            return
        await _hand_over(act, made)
        await republish(act.client, services, act.member)

    @door.action(screens.REVOKE)
    async def revoke(act: Act) -> None:
        await act.ack()
        link = await services.links.revoke(act.member, act.value)
        if act.channel:
            await act.reply(screens.revoked(link), replace=True)
        elif act.in_modal:
            await act.update(act.view["id"], screens.revoked_view(link))
        await republish(act.client, services, act.member)


async def open_form(act: Act, services: Services, title: str = "") -> None:
    candidates = await services.links.candidates(act.member)
    await act.show(screens.create_form(candidates, title, act.channel))


async def _hand_over(act: Act, made: Created) -> None:
    """Once, to its creator alone: where the command was typed, or in the modal itself."""
    channel = json.loads(act.view["private_metadata"])["channel"]
    if not channel:
        await act.ack(response_action="update", view=screens.created_view(made))
        return
    await act.ack()
    try:
        await whisper(act.client, act.member, made, channel)
    except SlackApiError:  # a channel that I am not in
        await whisper(act.client, act.member, made, await direct_channel(act.client, act.member))
