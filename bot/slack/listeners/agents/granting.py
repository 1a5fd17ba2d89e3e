"""A member says what each agent may do with connections of their own."""

import json
from datetime import UTC, date, datetime, time, timedelta

from bot.errors import FormError, NotYours
from bot.services.agents.agents import NOT_YOURS
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.screens.agents import granting as screens
from bot.slack.services import Services
from storage.repositories.agents.grants import Equipped, Reachable
from storage.rules.access import Scope
from storage.tables import PinnedTool


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.OPEN)
    async def opened(interaction: Interaction) -> None:
        await interaction.ack()
        await interaction.show(screens.mine(await services.agents.of(interaction.member.workspace)))

    @registry.action(screens.ONE)
    async def one(interaction: Interaction) -> None:
        await interaction.ack()
        found = await services.agents.get_agent_mcp_servers(interaction.member, interaction.value)
        await interaction.show(screens.one(found))

    @registry.action(screens.CHANGE)
    async def change(interaction: Interaction) -> None:
        await interaction.ack()
        agent_id, _, target = interaction.value.partition(":")
        found, each, tools = await _found(interaction, services, agent_id, target)
        await interaction.show(screens.form(found.agent, each, tools))

    @registry.view(screens.FORM)
    async def saved(interaction: Interaction) -> None:
        agent_id, target = json.loads(interaction.view["private_metadata"])
        values, member = values_of(interaction.view), interaction.member
        _, each, tools = await _found(interaction, services, agent_id, target)
        scope = Scope(values.get("scope") or Scope.NONE)
        try:
            if scope is Scope.NONE:
                await services.agents.revoke_agent_mcp_access(member, agent_id, each.connection.id)
            else:
                chosen, until = screens.chosen_of(values, tools), _end_of(str(values.get("until") or ""))
                grant = services.agents.grant_agent_mcp_access
                await grant(member, agent_id, target, scope, tools=chosen, expires_at=until)
        except FormError as error:
            await interaction.ack(response_action="errors", errors=error.errors)
            return
        await interaction.ack()
        found = await services.agents.get_agent_mcp_servers(member, agent_id)
        await interaction.update(str(interaction.view.get("previous_view_id") or ""), screens.one(found, screens.SAVED))


async def _found(
    interaction: Interaction, services: Services, agent_id: str, target: str
) -> tuple[Equipped, Reachable, list[PinnedTool]]:
    """The connection as it is now, with its tools. Raises `UserError`."""
    found = await services.agents.get_agent_mcp_servers(interaction.member, agent_id)
    each = next((one for one in found.reachable if one.connection.id == target), None)
    if each is None:
        raise NotYours(NOT_YOURS)
    async with services.db.read() as tables:
        rows = await tables.tools.of(interaction.member.workspace, target)
    return found, each, [row for row in rows if row.state == "accepted"]


def _end_of(chosen: str) -> datetime | None:
    """Of that day, by UTC."""
    return datetime.combine(date.fromisoformat(chosen) + timedelta(days=1), time(), UTC) if chosen else None
