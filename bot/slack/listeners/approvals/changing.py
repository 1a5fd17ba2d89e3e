"""What is in a question, changed by its member; and a no with its reason."""

import asyncio
import json
from typing import Any

from bot.errors import NotYours
from bot.services.approvals.changing import changeable
from bot.services.approvals.deciding import Answer
from bot.services.approvals.refusing import Unfit, call_at
from bot.slack.acts.approvals import close_now, redraw
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.approvals.deciding import own_one, refuse, turn_to
from bot.slack.screens import approvals as screens
from bot.slack.screens.approvals import changing as forms
from bot.slack.screens.approvals import denying
from bot.slack.screens.approvals.calls import in_paragraphs
from bot.slack.screens.blocks.reading import in_pages
from bot.slack.screens.blocks.text import unmarked
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    _changing(registry, services)
    _denying(registry, services)


def _changing(registry: Registry, services: Services) -> None:
    changing = services.chats.changing

    @registry.action(screens.CHANGE)
    async def change(interaction: Interaction) -> None:
        await interaction.ack()
        shown = screens.shown_of(interaction.value)
        approval = await own_one(interaction, services, shown.approval)
        several = [call for call in approval.calls if changeable(call)]
        if len(several) > 1 and approval.state == "asked" and approval.revision == shown.revision:
            await interaction.show(forms.which(approval))
        else:
            await _open(interaction, shown, several[0]["position"] if several else 0)

    @registry.action(forms.ONE)
    async def change_one(interaction: Interaction) -> None:
        await interaction.ack()
        shown = screens.shown_of(interaction.value)
        await _open(interaction, shown, int(shown.what))

    async def _open(interaction: Interaction, shown: screens.Shown, position: int) -> None:
        try:
            approval, schema = await changing.look(interaction.member, shown.approval, position, shown.revision)
        except NotYours as error:
            await refuse(interaction, services, shown.approval, str(error))
        else:
            await interaction.show(forms.form(approval, position, schema))

    @registry.view(forms.FORM)
    async def changed(interaction: Interaction) -> None:
        """What is asked about from now on is shown once more, whole, with the buttons at its end."""
        kept: dict[str, Any] = json.loads(interaction.view["private_metadata"])
        shown, position = screens.shown_of(kept["shown"]), int(kept["position"])
        member = interaction.member
        approval, schema = await changing.look(member, shown.approval, position, shown.revision)
        found = forms.filled(call_at(approval, position), schema, interaction.view)
        if found.complaints:
            await interaction.ack(response_action="errors", errors=found.complaints)
            return
        try:
            approval = await changing.change(member, shown.approval, position, found.arguments, shown.revision)
        except Unfit as error:
            if error.code != "arguments" or not (place := forms.first_field(interaction.view)):
                raise
            await interaction.ack(response_action="errors", errors={place: str(error)})
            return
        pages = await asyncio.to_thread(in_pages, in_paragraphs(approval.calls))
        await interaction.ack_with(screens.window(approval, pages, 0, flag=""))
        await redraw(interaction.client, services.chats, approval)


def _denying(registry: Registry, services: Services) -> None:
    @registry.action(screens.MORE)
    async def more(interaction: Interaction) -> None:
        await interaction.ack()
        shown = screens.shown_of(interaction.value)
        approval = await own_one(interaction, services, shown.approval)
        if shown.what == "exact":
            await turn_to(interaction, approval, 0, flag="exact", anew=True)
        else:
            await interaction.show(denying.form(approval))

    @registry.view(denying.FORM)
    async def deny(interaction: Interaction) -> None:
        shown = screens.shown_of(str(interaction.view["private_metadata"]))
        reason = str(values_of(interaction.view).get(denying.REASON) or "")
        answer = Answer("deny", shown.revision, reason=reason)
        try:
            approval = await services.chats.deciding.decide(interaction.member, shown.approval, answer)
        except NotYours as error:
            await interaction.ack()
            await refuse(interaction, services, shown.approval, unmarked(str(error)))
            return
        await interaction.ack(response_action="clear")
        await close_now(interaction.client, services.chats, approval)
