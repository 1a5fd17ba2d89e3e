"""A link is made: once, however often its form arrives."""

from dataclasses import replace

from bot.errors import FormError, Refused, UserError
from bot.services import tokens
from bot.services.links.admission.choosing import Lock, forgetful, lock
from bot.services.links.admission.passcodes import Passcodes
from bot.services.links.hosting.channels import Channels
from bot.services.links.making import answering, creating, drafts, rules
from bot.services.links.making.drafts import Prepared
from bot.services.links.making.rules import IsAdmin
from bot.services.links.values import Candidate, Created, Draft, Terms
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Link

PAGE = "/temp-chat/"
NO_PAGE = "Chat links cannot be made here yet. An administrator can change that."
DIFFERS = "A tool or the agent is not as it was when you looked at this link. Go back and look at it once more."
RENEWED = "This link was made before, and has had a new address since. Type /tempchat list to see it."


class Making:
    """``key`` makes the tokens of links that must not be made twice."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        base_url: str | None,
        key: bytes,
        terms: Terms,
        channels: Channels,
        is_admin: IsAdmin,
    ) -> None:
        self._is_admin = is_admin
        self._db = db
        self._bus = bus
        self._base = base_url.rstrip("/") if base_url else None
        self._key = key
        self._terms = terms
        self._channels = channels
        self._hashing = Passcodes()

    def page(self, token: str) -> str:
        """The address that a guest opens; raises `UserError` when there can be none."""
        if self._base is None:
            raise UserError(NO_PAGE)
        return f"{self._base}{PAGE}{token}"

    async def prepare(self, member: Member, draft: Draft) -> Prepared:
        """The link as it would be, to be looked at; raises as `create` does."""
        self.page("")
        creating.check(draft, self._terms)
        draft = await rules.check(self._db, member, draft, self._is_admin)
        await self._look_at_channel(member, draft)
        draft = await forgetful(draft, self._hashing)
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            link = await _row(tables, member, draft, b"", Lock())
            return Prepared(await drafts.keep(tables, member, draft, link.frozen), link)

    async def create_prepared(self, member: Member, draft_id: str) -> Created:
        """What was looked at, once, and nothing that differs from it; raises `UserError`."""
        async with self._db.read() as tables:
            draft, frozen = await drafts.kept(tables, member, draft_id)
        return await self.create(member, draft, f"draft:{draft_id}", frozen)

    async def create(self, member: Member, draft: Draft, once: str = "", frozen: str = "") -> Created:
        """Raises `FormError` by the draft's field names, `UserError` when there can be no link.

        ``frozen`` is the hash of what its creator was shown.
        """
        token = tokens.mint(tokens.Kind.LINK)
        if once:
            token = tokens.derive(tokens.Kind.LINK, self._key, member.workspace, member.id, once)
        url = self.page(token)
        creating.check(draft, self._terms)
        draft = await rules.check(self._db, member, draft, self._is_admin)
        await self._look_at_channel(member, draft)
        draft = await forgetful(draft, self._hashing)
        held = await lock(draft, self._hashing, tokens.server_key(self._key, f"passcode of {token}"))
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            if once and (made := await _made(tables, member, tokens.at_rest(token))):
                return Created(made, url, repeated=True, passcode=held.made)
            link = await _row(tables, member, draft, tokens.at_rest(token), held)
            if frozen and link.frozen != frozen:
                raise UserError(DIFFERS)
            await _add(tables, member, link)
        await self._bus.tell("links")
        await self._bus.tell("jobs")
        return Created(link, url, passcode=held.made)

    async def _look_at_channel(self, member: Member, draft: Draft) -> None:
        if draft.follow_channel:
            about = await self._channels.about(member, draft.follow_channel)
            if about.complaint:
                raise FormError({"follow_channel": about.complaint})

    async def terms(self, workspace: str) -> Terms:
        """What is allowed there."""
        return await rules.narrowed(self._db, workspace, self._terms)

    async def candidates(self, member: Member) -> list[Candidate]:
        """The tools that a link of this member may offer; raises `UserError` for who may make none."""
        await rules.admitted(self._db, member, self._is_admin)
        async with self._db.read() as tables:
            mine = await tables.connections.of(member.workspace, member.id)
            tools = await tables.tools.of_many(member.workspace, [each.id for each in mine])
        return creating.candidates(mine, tools)


async def _row(tables: Tables, member: Member, draft: Draft, token_hash: bytes, held: Lock) -> Link:
    who = await answering.chosen(tables, member, draft)
    mine = [each.connection for each in who.reachable]
    tools = await tables.tools.of_many(member.workspace, [each.id for each in mine])
    frozen = creating.frozen(draft, mine, tools)
    answering.check(who, frozen)
    return creating.row(member, replace(draft, agent=answering.frozen(draft, who)), frozen, token_hash, held.hashed)


async def _add(tables: Tables, member: Member, link: Link) -> None:
    if await tables.links.live_count(member.workspace, member.id, now()) >= creating.MAX_LIVE:
        told = f"You have {creating.MAX_LIVE} links that are alive, and more are not allowed. Revoke one first."
        raise Refused(told, code="links")
    await tables.links.add(link)
    detail = {"title": link.title, "guests": link.max_sessions, "tools": len(link.tools), "frozen": link.frozen}
    await tables.audit.add(member.workspace, member.id, "link.created", link.id, detail)


async def _made(tables: Tables, member: Member, token_hash: bytes) -> Link | None:
    """What the same form made before; on PostgreSQL the second of two at once waits here for the first."""
    fresh = await tables.handled.first_time(member.workspace, f"link:{token_hash.hex()}")
    made = await tables.links.by_token_hash(token_hash)
    if made is None and not fresh:
        raise UserError(RENEWED)
    return made
