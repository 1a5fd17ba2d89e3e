"""Usher's own tokens: for a door that knows its caller by other means, such as Slack's signature.

One a member, apart from those that they make: it lives 90 days and is renewed by itself, and stands for them in the
audit, the pace and whatever ends with their account. Nobody holds its secret, so nobody can bring it from outside.
"""

from datetime import datetime, timedelta

from bot.services.tokens.access import USUAL_DAYS, AccessTokens, Caller, Standing, Wanted, row_of
from bot.services.tokens.forms import Kind, mint
from bot.services.tokens.scopes import OF_SLACKBOT
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import AccessToken

RENEWED_BEFORE = timedelta(days=14)
PREDECESSOR_LIVES = timedelta(hours=1)
"""What was begun by it may end by it."""
SLACKBOT = Wanted("Slackbot", tuple(sorted(OF_SLACKBOT)), USUAL_DAYS)
BY = "usher"
"""In the audit: who made it."""


class InternalTokens:
    def __init__(self, db: Database, tokens: AccessTokens) -> None:
        self._db = db
        self._tokens = tokens

    async def caller(self, member: Member) -> Caller | None:
        """For whom Slackbot asks; None for whom Usher does not serve, or of whom Slack does not say whether it may."""
        async with self._db.read() as tables:
            known = await tables.workspaces.get(member.workspace)
            row = _newest(await tables.access_tokens.of(member.workspace, member.id, Kind.INTERNAL, now()))
        if known is None:
            return None
        if row is not None and not await self._tokens.still(row):
            return None
        if row is None or row.expires_at < now() + RENEWED_BEFORE:
            if await self._tokens.people.standing(member) is not Standing.MEMBER:
                return None
            row = await self._renewed(member)
        return Caller(row.id, member, OF_SLACKBOT.intersection(row.scopes))

    async def _renewed(self, member: Member) -> AccessToken:
        at = now()
        async with self._db.begin() as tables:
            there = await tables.access_tokens.of(member.workspace, member.id, Kind.INTERNAL, at + RENEWED_BEFORE)
            if row := _newest(there):  # another request was faster
                return row
            return await _made(tables, member, at)


async def _made(tables: Tables, member: Member, at: datetime) -> AccessToken:
    whose = member.workspace, member.id
    await tables.access_tokens.shorten(*whose, Kind.INTERNAL, at + PREDECESSOR_LIVES)
    row = row_of(mint(Kind.INTERNAL), Kind.INTERNAL, member, SLACKBOT, at)
    row.used_at = at  # Slack has just vouched for its member
    made = await tables.access_tokens.add(row)
    told = {"name": made.name, "member": member.id, "expires_at": made.expires_at.isoformat()}
    await tables.audit.add(member.workspace, BY, "token.created", made.id, told)
    return made


def _newest(rows: list[AccessToken]) -> AccessToken | None:
    return next(iter(rows), None)
