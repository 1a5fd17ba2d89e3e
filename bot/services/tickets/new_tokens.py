"""A member's new access token: asked for in Slack, made and shown once on a page of theirs, never in Slack."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from bot.errors import FormError, UserError
from bot.services.tickets.tickets import TOKEN, Entry, Issued, Tickets, use
from bot.services.tokens.access import AccessTokens, Made, Wanted, make
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Ticket

NO_PAGE = (
    "A token is shown on a page of its own, never in Slack, and there is no such page here yet. Ask one of your "
    "workspace's admins: they can change that."
)


@dataclass(frozen=True)
class NewToken:
    """What its page says before it is made."""

    wanted: Wanted
    expires_at: datetime
    """When the token would end, were it made now."""


@dataclass(frozen=True)
class Offered:
    issued: Issued
    own_machine: bool
    """It opens only on the machine that Usher runs on."""


class NewTokens:
    def __init__(self, db: Database, tickets: Tickets, tokens: AccessTokens) -> None:
        self._db = db
        self._tickets = tickets
        self.tokens = tokens

    async def issue(self, member: Member, wanted: Wanted) -> Offered:
        """The page that makes it; raises `FormError` by the names of `Wanted`, `UserError` where there is no page."""
        await self.tokens.check(member, wanted)
        entry = await self._tickets.entry(lambda: self.tokens.people.is_admin(member))
        if entry not in (Entry.PAGE, Entry.OWN_MACHINE):
            raise UserError(NO_PAGE)
        return Offered(await self._tickets.issue(member, asdict(wanted), entry, TOKEN), entry is Entry.OWN_MACHINE)

    async def look(self, ticket_token: str) -> NewToken | None:
        """While it can be made; looking changes nothing."""
        ticket = await self._tickets.look(ticket_token, TOKEN)
        if ticket is None:
            return None
        wanted = _wanted(ticket)
        return NewToken(wanted, now() + timedelta(days=wanted.days))

    async def make(self, ticket_token: str) -> Made:
        """Once; raises `TicketGone`, or `UserError` where its member may not have it any more."""
        ticket = await self._tickets.tried(ticket_token, TOKEN)
        member, wanted = Member(ticket.workspace_id, ticket.member_id), _wanted(ticket)
        try:
            await self.tokens.check(member, wanted)
            async with self._db.begin() as tables:
                await use(tables, ticket)
                return await make(tables, member, wanted)
        except FormError as wrong:
            raise UserError(str(wrong)) from wrong


def _wanted(ticket: Ticket) -> Wanted:
    told = ticket.payload
    return Wanted(str(told["name"]), tuple(told["scopes"]), int(told["days"]))
