"""What keeps a member from connecting and administrators alone can cure: they are told how, the member plainly."""

import logging
from typing import NoReturn

from bot.errors import FormError
from bot.services.admin_notes import tell_admins
from bot.services.connections.telling.failures import for_admins, form_error
from bot.services.connections.values import NoSecretsHere
from mcp_runtime.errors import ServerError
from run_cards.card import RunCard
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member

NO_PAGE_CODE = "no_page_for_secrets"
NO_PAGE = (
    "{who} could not connect a tool that needs a secret, because there is no page here to enter one on. Set "
    "PUBLIC_BASE_URL to the https address of this server; until then admins can enter theirs on the machine that Usher "
    "runs on. ALLOW_SECRETS_IN_SLACK=true would let members type secrets into a form of Slack's, which Slack may keep."
)
log = logging.getLogger(__name__)


class Cures:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    async def no_page(self, member: Member, card: RunCard) -> NoReturn:
        await self._tell(member, NO_PAGE_CODE, NO_PAGE)
        raise NoSecretsHere(card.title)

    async def told(self, member: Member, card: RunCard, error: ServerError) -> FormError:
        """What the member's form says of it."""
        if told := for_admins(card, error):
            log.warning("the card %s cannot be connected: %s", card.name, error.reason)
            await self._tell(member, f"{type(error).__name__}:{card.name}", told)
        return form_error(card, error)

    async def _tell(self, member: Member, code: str, text: str) -> None:
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            await tell_admins(tables, member.workspace, code, text, by=member.id, doctor=True)
        await self._bus.tell("jobs")
