"""A member makes an access token for a program of theirs, and revokes it; itself it never passes through Slack."""

from bot.errors import FormError, UserError
from bot.services.tokens.access import Wanted
from bot.slack.acts.admins import Admins
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.screens import notices
from bot.slack.screens.accounts import tokens as screens
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    tokens, new = services.tokens, services.new_tokens
    if tokens is None or new is None:
        return

    @registry.action(screens.NEW)
    async def asked(interaction: Interaction) -> None:
        await interaction.ack()
        admin = await Admins(interaction.client, services.admins).includes(interaction.member.id)
        await interaction.show(screens.form(admin=admin))

    @registry.view(screens.FORM)
    async def filled_in(interaction: Interaction) -> None:
        try:
            wanted = _wanted(values_of(interaction.view))
            offered = await new.issue(interaction.member, wanted)
        except FormError as wrong:
            await interaction.ack(response_action="errors", errors=wrong.errors)
            return
        except UserError as refused:
            await interaction.ack_with(notices.notice(str(refused), title=screens.TITLE))
            return
        await interaction.ack_with(screens.page(wanted.name, offered))

    @registry.action(screens.REVOKE)
    async def revoke(interaction: Interaction) -> None:
        await interaction.ack()
        await tokens.revoke(interaction.member, interaction.value)


def _wanted(values: dict[str, object]) -> Wanted:
    scopes = values.get(screens.SCOPES)
    chosen = tuple(str(each) for each in scopes) if isinstance(scopes, list) else ()
    return Wanted(str(values.get(screens.NAME) or "").strip(), chosen, int(str(values.get(screens.DAYS) or 0)))
