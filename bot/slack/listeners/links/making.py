"""Making a temporary chat link, and handing it to its creator alone."""

from collections import deque
from dataclasses import replace

from slack_sdk.errors import SlackApiError

from bot.errors import FormError
from bot.services.links import Created
from bot.slack.acts.direct_message import direct_channel
from bot.slack.acts.guests.hand_over import host_of, send_code, whisper
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.screens.links import access, card, files, form, listing, preview, reading
from bot.slack.services import Services

SHORTCUT = "create_chat_link"
MOST_HANDED = 1_000


def hang(registry: Registry, services: Services) -> None:
    _hang_form(registry, services)
    handing, handed = KeyedLocks(), deque[str](maxlen=MOST_HANDED)

    @registry.view(preview.PREVIEW)
    async def decided(interaction: Interaction) -> None:
        draft_id, channel = preview.decided(interaction.view["private_metadata"])
        made = await services.links.create_prepared(interaction.member, draft_id)
        async with handing.turn(made.link.id):
            if made.link.id in handed:  # pressed twice, or brought twice by Slack
                await interaction.ack()
                return
            await _hand_over(interaction, made, channel)
            handed.append(made.link.id)

    @registry.action(card.CODE)
    async def code(interaction: Interaction) -> None:
        await interaction.ack()
        made = await services.links.opened_by(interaction.member, interaction.value)
        sent_to = await send_code(interaction.client, interaction.member, made.link, made.url)
        if interaction.channel != sent_to:  # there it stands before their eyes
            await interaction.reply(card.code_sent(made.link))


def _hang_form(registry: Registry, services: Services) -> None:
    @registry.shortcut(SHORTCUT)
    @registry.action(listing.CREATE)
    async def create(interaction: Interaction) -> None:
        await interaction.ack()
        await open_form(interaction, services)

    @registry.action(form.TEMPLATE)
    @registry.action(access.CHOICE)
    @registry.action(files.CHOICE)
    async def draw_anew(interaction: Interaction) -> None:
        await interaction.ack()
        view, terms = interaction.view, await services.links.terms_in(interaction.member.workspace)
        before = form.kept(view["private_metadata"])
        typed = form.typed(form.chosen(values_of(view)), before.template, before.title, terms)
        if interaction.payload["action_id"] == form.TEMPLATE:
            filling = replace(before, template=interaction.value, typed=typed)
        else:
            changed = "files" if interaction.payload["action_id"] == files.CHOICE else "access"
            filling = replace(before, typed=typed | {changed: interaction.value})
        candidates = await services.links.candidates(interaction.member)
        agents = await services.agents.of(interaction.member.workspace)
        await interaction.update(view["id"], form.create_form(candidates, terms, filling, agents))

    @registry.view(form.FORM)
    async def submitted(interaction: Interaction) -> None:
        filling = form.kept(interaction.view["private_metadata"])
        candidates = await services.links.candidates(interaction.member)
        values = form.chosen(values_of(interaction.view))
        draft = reading.draft(values, candidates)
        try:
            prepared = await services.links.prepare(interaction.member, draft)
        except FormError as error:
            await interaction.ack(
                response_action="errors", errors=form.complaints(error.errors, values, filling.template)
            )
            return
        shown = preview.preview(prepared, filling.channel)
        await (interaction.ack_with(shown) if interaction.at_the_top else interaction.push(shown))


async def open_form(interaction: Interaction, services: Services, title: str = "") -> None:
    candidates = await services.links.candidates(interaction.member)
    filling = form.Filling(interaction.channel, title)
    agents = await services.agents.of(interaction.member.workspace)
    terms = await services.links.terms_in(interaction.member.workspace)
    await interaction.show(form.create_form(candidates, terms, filling, agents))


async def _hand_over(interaction: Interaction, made: Created, channel: str) -> None:
    """Once, to its creator alone: where the command was typed, or in the modal itself."""
    client, member = interaction.client, interaction.member
    if not channel:
        view = card.created_view(made, await host_of(client, member))
        await interaction.ack(response_action="update", view=view | {"clear_on_close": True})
        return
    await interaction.ack(response_action="clear")
    try:
        await whisper(client, member, made, channel)
    except SlackApiError:  # a channel that I am not in
        await whisper(client, member, made, await direct_channel(client, member))
