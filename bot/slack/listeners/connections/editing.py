"""A connection is changed in place: a form with what it is now, then what becomes of its tools, then Save."""

import json
from collections.abc import Mapping

from bot.errors import FormError, UserError
from bot.services.connections.editing.values import Draft
from bot.services.connections.values import Connected, TicketNeeded
from bot.services.tickets import Entry
from bot.slack.acts.connections.connecting import Outcome, entry_of, found_out
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections.found import tools_window, view_of
from bot.slack.listeners.connections.submissions import Submissions, answer, told_in
from bot.slack.screens import notices
from bot.slack.screens.connections import editing as screens
from bot.slack.screens.connections import listing
from bot.slack.services import Services

LOOKING = "Looking it up…"
TRYING = "Trying it out. This may take up to 20 seconds."


def hang(registry: Registry, services: Services) -> None:
    submissions = Submissions(registry.tasks)

    @registry.action(listing.EDIT)
    async def ask(interaction: Interaction) -> None:
        await interaction.ack()
        await edit(interaction, services, interaction.value)

    @registry.view(screens.FORM)
    async def submitted(interaction: Interaction) -> None:
        values = values_of(interaction.view)
        work, first = submissions.of(interaction, values, lambda: _begin(interaction, services, values))
        await answer(interaction, services, work, notices.working(TRYING, screens.TITLE), first=first)
        await _show_under(interaction, services)

    @registry.view(screens.SAVE)
    async def save(interaction: Interaction) -> None:
        token = str(interaction.view["private_metadata"])
        work, first = submissions.of(interaction, {"draft": token}, lambda: _save(interaction, services, token))
        await answer(interaction, services, work, notices.working(TRYING, screens.TITLE), first=first)


async def edit(interaction: Interaction, services: Services, connection_id: str) -> None:
    """The modal opens at once: what triggers it is good for three seconds only."""
    view_id = await interaction.show(notices.working(LOOKING, screens.TITLE))
    async with told_in(interaction, view_id, screens.TITLE):
        what = await services.connections.editing.form(interaction.member, connection_id)
        entry = await entry_of(services, interaction.client, interaction.member)
        await interaction.update(view_id, screens.form(what, entry))


async def _begin(interaction: Interaction, services: Services, values: Mapping[str, str]) -> Outcome:
    editing, member = services.connections.editing, interaction.member
    what = await editing.form(member, _connection(interaction))
    # Asked once more: who may do what is not for an open form to say.
    entry = await entry_of(services, interaction.client, member)
    names = {each.name for each in what.secrets}
    secrets = {name: value for name, value in values.items() if name in names and entry is Entry.SLACK}
    typed = {name: value for name, value in values.items() if name not in names}
    view = {"id": interaction.view["id"]}
    try:
        found = await editing.begin(member, what.connection.id, typed, entry, view=view, secrets=secrets)
    except FormError as error:
        told = screens.not_saved(str(error))
        return Outcome(screens.form(what, entry, typed, error.errors), told, problems=error.errors)
    except UserError as error:
        return _refused(error)
    return _outcome(found)


async def _save(interaction: Interaction, services: Services, token: str) -> Outcome:
    try:
        return _outcome(await services.connections.editing.save(interaction.member, token))
    except UserError as error:
        return _refused(error)


def _outcome(found: Connected | Draft | TicketNeeded) -> Outcome:
    if isinstance(found, TicketNeeded):
        return found_out(found)
    if isinstance(found, Draft):
        return Outcome(screens.preview(found), screens.waits(found))
    return Outcome(screens.saved(found.sentence, found.connection.id), screens.told(found.sentence), connected=True)


def _refused(error: UserError) -> Outcome:
    told = screens.not_saved(str(error))
    return Outcome(notices.notice(told, title=screens.TITLE), told)


def _connection(interaction: Interaction) -> str:
    return str(json.loads(interaction.view["private_metadata"])["connection"])


async def _show_under(interaction: Interaction, services: Services) -> None:
    """The tools from which the form was opened, under the name that it has by now."""
    if below := interaction.view.get("previous_view_id"):
        found = await view_of(interaction, services, _connection(interaction))
        await interaction.update(below, tools_window(found))
