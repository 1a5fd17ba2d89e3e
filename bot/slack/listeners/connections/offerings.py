"""Resources that a member asks about, and prompts that they run: each becomes a question in their direct message."""

import json
from typing import Any

from bot.errors import UserError
from bot.services.chats import Place
from bot.slack.acts.direct_message import direct_channel
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections.kept_fresh import KeptFresh
from bot.slack.listeners.connections.submissions import told_in
from bot.slack.screens import schema_forms
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.connections import offerings as screens
from bot.slack.screens.notices import notice, working
from bot.slack.services import Services
from mcp_runtime.offerings.values import Argument, Prompt, Resource, schema_of
from storage.tables import Connection

LOOKING = "Looking at what it offers…"
READING = "Reading it…"
GONE = "The server does not offer this any more. Open the list of what it offers again."
NOTHING_LEFT = "There is nothing in it to send. Choose another."
TITLE = "Resources and prompts"


def hang(registry: Registry, services: Services) -> None:
    _listing(registry, services)
    _filling_in(registry, services)
    _sending(registry, services)


def _listing(registry: Registry, services: Services) -> None:
    fresh = KeptFresh(services, registry.tasks)

    @registry.action(screens.OPEN)
    async def open_(interaction: Interaction) -> None:
        await interaction.ack()
        connection = await services.connections.own(interaction.member, interaction.value)
        view_id = await interaction.show(working(LOOKING, TITLE))
        async with told_in(interaction, view_id, TITLE):
            await fresh.show(interaction, view_id, connection.id)

    @registry.action(f"{screens.PAGE}.back")
    @registry.action(f"{screens.PAGE}.more")
    async def turn_page(interaction: Interaction) -> None:
        await interaction.ack()
        connection_id, page = json.loads(interaction.value)
        async with told_in(interaction, interaction.view["id"], TITLE):
            await fresh.show(interaction, str(interaction.view["id"]), connection_id, int(page))


def _filling_in(registry: Registry, services: Services) -> None:
    @registry.action(screens.ASK)
    @registry.action(screens.FILL)
    @registry.action(screens.RUN)
    async def fill_in(interaction: Interaction) -> None:
        await interaction.ack()
        connection_id, what = json.loads(interaction.value)
        connection = await services.connections.own(interaction.member, connection_id)
        view_id = await interaction.show(working(LOOKING, TITLE))
        async with told_in(interaction, view_id, TITLE):
            view = await _form(services, connection, str(interaction.payload["action_id"]), str(what))
            await interaction.update(view_id, view)


async def _form(services: Services, connection: Connection, action: str, what: str) -> View:
    """Looked up anew: a button may be old."""
    offered = services.connections.offered
    offers = await offered.of(connection)
    entries: list[screens.Entry] = [
        *(offers.prompts if action == screens.RUN else ()),
        *(offers.resources if action == screens.ASK else ()),
        *(offers.templates if action == screens.FILL else ()),
    ]
    found = next((each for each in entries if what == (each.name if isinstance(each, Prompt) else each.uri)), None)
    if found is None:
        raise UserError(GONE)
    if isinstance(found, Resource):
        return screens.question(connection, found, {})
    if isinstance(found, Prompt) and not found.arguments:
        return await _shown(services, connection, found.name, found.title, {})
    choices = await offered.choices(connection, found)
    if isinstance(found, Prompt):
        return screens.run(connection, found, choices)
    return screens.question(connection, found, choices)


async def _shown(services: Services, connection: Connection, name: str, title: str, given: dict[str, str]) -> View:
    text, cut = await services.connections.offered.prompt(connection, name, given)
    if not text:
        raise UserError(NOTHING_LEFT)
    return screens.shown(connection, title, text, cut=cut)


def _sending(registry: Registry, services: Services) -> None:
    @registry.view(screens.RUN_FORM)
    async def run(interaction: Interaction) -> None:
        kept, filled = _filled(interaction)
        if filled.complaints:
            await interaction.ack(response_action="errors", errors=filled.complaints)
            return
        connection = await services.connections.own(interaction.member, kept["connection"])
        await interaction.ack_with(working(READING, TITLE))
        async with told_in(interaction, interaction.view["id"], TITLE):
            given = {name: str(value) for name, value in filled.arguments.items()}
            view = await _shown(services, connection, kept["prompt"], kept["title"], given)
            await interaction.update(interaction.view["id"], view)

    @registry.view(screens.ASK_FORM)
    async def ask(interaction: Interaction) -> None:
        kept, filled = _filled(interaction)
        if filled.complaints:
            await interaction.ack(response_action="errors", errors=filled.complaints)
            return
        words = str(values_of(interaction.view).get(screens.QUESTION, ""))
        connection = await services.connections.own(interaction.member, kept["connection"])
        await interaction.ack_with(working(READING, TITLE))
        async with told_in(interaction, interaction.view["id"], TITLE):
            given = {name: str(value) for name, value in filled.arguments.items()}
            uri = services.connections.offered.address(kept["uri"], given) if "arguments" in kept else kept["uri"]
            text = await services.connections.offered.with_resource(connection, uri, kept["title"], words)
            await _say(interaction, services, screens.asked(kept["title"], connection.title, words), text)
            await interaction.update(interaction.view["id"], notice(screens.SENT, title=TITLE))

    @registry.view(screens.SEND_FORM)
    async def send(interaction: Interaction) -> None:
        kept = json.loads(interaction.view["private_metadata"])
        typed = values_of(interaction.view)
        parts = [str(typed[name]) for name in sorted(typed) if name.startswith(screens.PART)]
        text = "".join(parts).strip()
        await interaction.ack_with(working(READING, TITLE))
        async with told_in(interaction, interaction.view["id"], TITLE):
            if not text:
                raise UserError(NOTHING_LEFT)
            await _say(interaction, services, screens.asked(kept["title"], kept["server"], text), text)
            await interaction.update(interaction.view["id"], notice(screens.SENT, title=TITLE))


def _filled(interaction: Interaction) -> tuple[dict[str, Any], schema_forms.Filled]:
    """What the form is about, and the arguments that it asks for."""
    kept = json.loads(interaction.view["private_metadata"])
    arguments = [Argument(name, name, required=required) for name, required in kept.get("arguments", [])]
    schema = schema_of(arguments, kept.get("choices"))
    state = interaction.view.get("state", {}).get("values", {})
    return kept, schema_forms.read(schema, state) if arguments else schema_forms.Filled()


async def _say(interaction: Interaction, services: Services, shown: str, text: str) -> None:
    """Once, however often Slack brings the form."""
    member, once = interaction.member, f"offering:{interaction.view['id']}"
    async with services.db.begin() as tables:
        await tables.workspaces.ensure(member.workspace)
        if not await tables.handled.first_time(member.workspace, f"{member.workspace}:{once}"):
            return
    channel = await direct_channel(interaction.client, member)
    posted = await interaction.client.chat_postMessage(
        channel=channel, text=shown, unfurl_links=False, unfurl_media=False
    )
    place = Place(channel, str(posted["ts"]), interaction.team, private=True)
    await services.chats.say(member, place, text, source=once)
