"""Access tokens: by which a member's own programs act for them, inside what the token and its member may do."""

from collections.abc import Collection
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Protocol

from bot.errors import FormError, NotYours
from bot.services.tokens.forms import Kind, at_rest, mint, parse
from bot.services.tokens.scopes import OF_ADMINS, Scope
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import AccessToken

USUAL_DAYS, MOST_DAYS = 90, 366
MOST, LONGEST_NAME = 20, 80
SEEN_EVERY = timedelta(minutes=5)
"""How often its use is written, and its member looked at anew."""
VOUCHED = timedelta(days=1)
"""While Slack does not say whether its member is still there, a token lives on for so long after Slack last did."""
KEPT = timedelta(days=30)
"""After its death, for whoever asks the audit which it was."""
SLACK = "slack"
"""In the audit: who revoked it, when no member did."""
TOO_MANY = f"You have {MOST} tokens already. Look in my Home tab for one that you no longer use, and revoke it."
NONE = "There is no such token any more. Look in my Home tab for those that there are."


class Standing(Enum):
    """What Slack says of a member now."""

    MEMBER = auto()
    TURNED_AWAY = auto()
    """They may not ask Usher, such as a guest where admins do not allow guests."""
    GONE = auto()
    UNKNOWN = auto()
    """Slack does not say."""


class People(Protocol):
    async def standing(self, member: Member) -> Standing: ...

    async def is_admin(self, member: Member) -> bool:
        """Asked anew each time; no, where Slack does not say."""


@dataclass(frozen=True)
class Wanted:
    """What a new token is to be."""

    name: str
    scopes: tuple[str, ...]
    days: int = USUAL_DAYS


@dataclass(frozen=True)
class Caller:
    """For whom a request acts, by which token, and what that token is good for."""

    token_id: str
    member: Member
    scopes: frozenset[str]
    team: str = ""
    """Where the member is at home, where the door knows that: a part of an enterprise."""


CALLING: ContextVar[Caller | None] = ContextVar("calling", default=None)
"""Whom the door has let in, for what is called behind it."""


@dataclass(frozen=True)
class Made:
    """The only moment at which it exists in clear."""

    token: str = field(repr=False)
    row: AccessToken


class AccessTokens:
    def __init__(self, db: Database, people: People) -> None:
        self._db = db
        self.people = people

    async def check(self, member: Member, wanted: Wanted) -> None:
        """Raises `FormError` by the names of `Wanted`."""
        errors = _complaints(wanted)
        if OF_ADMINS.intersection(wanted.scopes) and not await self.people.is_admin(member):
            errors["scopes"] = "Only admins can have a token for the workspace's audit."
        if errors:
            raise FormError(errors)

    async def of(self, member: Member) -> list[AccessToken]:
        """The member's own that are alive, the newest first."""
        async with self._db.read() as tables:
            return await tables.access_tokens.of(member.workspace, member.id, Kind.PERSONAL, now())

    async def revoke(self, member: Member, token_id: str) -> AccessToken:
        """Dead with its next request; raises `NotYours` for another's, and for one that is dead."""
        async with self._db.begin() as tables:
            gone = await tables.access_tokens.revoke(member.workspace, member.id, token_id, now())
            if gone is None:
                raise NotYours(NONE)
            await tables.home_tabs.changed(member.workspace, member.id)
            await tables.audit.add(member.workspace, member.id, "token.revoked", gone.id, {"name": gone.name})
        return gone

    async def account_gone(self, member: Member) -> int:
        """Nobody is left for whom they could act. How many there were."""
        return await self._revoke_all(member.workspace, member.id)

    async def workspace_gone(self, workspace: str) -> int:
        return await self._revoke_all(workspace)

    async def caller(self, token: str) -> Caller | None:
        """Who calls; looked up anew each time, so that a revocation holds for the next request."""
        if not parse(token, Kind.PERSONAL):
            return None
        async with self._db.read() as tables:
            row = await tables.access_tokens.by_hash(at_rest(token), now())
        if row is None or not await self.still(row):
            return None
        return Caller(row.id, Member(row.workspace_id, row.member_id), frozenset(row.scopes))

    async def refused(self, caller: Caller, what: str) -> None:
        """It was used for what it is not good for: in the audit, once in an hour for each such thing."""
        where, hour = caller.member.workspace, f"{now():%Y-%m-%dT%H}"
        async with self._db.begin() as tables:
            if await tables.handled.first_time(where, f"refused:{caller.token_id}:{what}:{hour}"):
                await tables.audit.add(where, caller.member.id, "token.refused", caller.token_id, {"asked": what})

    async def still(self, row: AccessToken) -> bool:
        """Its member is there: looked at with the first use in some minutes, since word of an end may be lost."""
        if row.used_at is not None and row.used_at > now() - SEEN_EVERY:
            return True
        member = Member(row.workspace_id, row.member_id)
        standing = await self.people.standing(member)
        if standing is Standing.GONE:
            await self.account_gone(member)
        if standing in (Standing.GONE, Standing.TURNED_AWAY):
            return False
        if standing is Standing.UNKNOWN:  # not written as a use: what Slack said last must not grow old unseen
            return row.used_at is not None and row.used_at > now() - VOUCHED
        async with self._db.begin() as tables:
            await tables.access_tokens.used(row.workspace_id, row.id, now())
        return True

    async def _revoke_all(self, workspace: str, member: str = "") -> int:
        async with self._db.begin() as tables:
            gone = await tables.access_tokens.revoke_all(workspace, now(), member)
            for token_id in gone:
                await tables.audit.add(
                    workspace, SLACK, "token.revoked", token_id, {"member": member} if member else {}
                )
        return len(gone)


async def make(tables: Tables, member: Member, wanted: Wanted) -> Made:
    """In the transaction of what leads to it; raises `FormError`."""
    there = await tables.access_tokens.of(member.workspace, member.id, Kind.PERSONAL, now())
    if len(there) >= MOST:
        raise FormError({"name": TOO_MANY})
    token = mint(Kind.PERSONAL)
    row = await tables.access_tokens.add(row_of(token, Kind.PERSONAL, member, wanted, now()))
    told = {"name": wanted.name, "scopes": list(row.scopes), "expires_at": row.expires_at.isoformat()}
    await tables.home_tabs.changed(member.workspace, member.id)
    await tables.audit.add(member.workspace, member.id, "token.created", row.id, told)
    return Made(token, row)


def row_of(token: str, kind: Kind, member: Member, wanted: Wanted, at: datetime) -> AccessToken:
    return AccessToken(
        workspace_id=member.workspace,
        member_id=member.id,
        kind=kind,
        name=wanted.name,
        hash=at_rest(token),
        tail=token[-4:],
        scopes=_known(wanted.scopes) if kind is Kind.PERSONAL else list(wanted.scopes),
        created_at=at,
        expires_at=at + timedelta(days=wanted.days),
    )


def _known(scopes: Collection[str]) -> list[str]:
    return [each.value for each in Scope if each.value in scopes]


def _complaints(wanted: Wanted) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not wanted.name.strip() or len(wanted.name) > LONGEST_NAME:
        errors["name"] = f"Give it a name of 1 to {LONGEST_NAME} characters, such as the program's."
    if not _known(wanted.scopes):
        errors["scopes"] = "Choose what it may do."
    if not 1 <= wanted.days <= MOST_DAYS:
        errors["days"] = f"A token lives for 1 to {MOST_DAYS} days."
    return errors
