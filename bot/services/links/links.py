"""Temporary chat links: made, started, looked at, revoked."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from bot.errors import NotFound, UserError
from bot.services import tokens
from bot.services.links.admission.moving import Moving
from bot.services.links.admission.returning import Returning
from bot.services.links.admission.values import Caller, Couriers
from bot.services.links.changing import Changing
from bot.services.links.ending import sweeping
from bot.services.links.ending.ending import end_session, quiet, revoke_each, ring
from bot.services.links.erasing import Erasing
from bot.services.links.hosting.channels import NONE, Channels
from bot.services.links.making.drafts import Prepared
from bot.services.links.making.making import Making
from bot.services.links.making.rules import IsAdmin, no_admin
from bot.services.links.results.outcomes import Outcomes
from bot.services.links.spending import Allowances, Spending
from bot.services.links.spending.scopes import USUAL
from bot.services.links.starting import Starting
from bot.services.links.uploads.uploads import Uploads
from bot.services.links.values import Candidate, Created, Draft, Guest, Started, Terms, is_live
from bot.services.matching import not_found, same
from bot.services.tickets import KEY, Tickets
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Event, Link

EVENTS = 1_000
SAME_TITLE = "Choose among them with `/tempchat list`, which has a menu for each."
USUAL_TERMS, NOBODY = Terms(), Caller()
NO_COURIERS: Couriers = {}
SLACK = "slack"
"""In the audit: who ended it, when no member did."""
NOT_OPEN = "This address opens nothing any more. Look at your links for what there is."


class Links:
    """``base_url`` is where guests reach the chat pages; ``master_key`` makes the guests' secrets.

    ``couriers`` bring codes to those whom links are for.
    """

    def __init__(
        self,
        db: Database,
        bus: Bus,
        *,
        base_url: str | None,
        master_key: bytes,
        terms: Terms = USUAL_TERMS,
        couriers: Couriers = NO_COURIERS,
        allowed: Allowances = USUAL,
        channels: Channels = NONE,
        is_admin: IsAdmin = no_admin,
    ) -> None:
        self._db = db
        self._bus = bus
        self.terms, self.erasing = terms, Erasing(db, bus)
        self.outcomes = Outcomes(db, Tickets(db, base_url, key=tokens.server_key(master_key, KEY)))
        key = tokens.server_key(master_key, "links made once")
        self._making = Making(db, bus, base_url, key, terms, channels, is_admin)
        self._changing = Changing(db, bus, self._making.page, terms)
        self.moving = Moving(db, bus, master_key)
        self.returning = Returning(db, bus)
        self.starting = Starting(db, self.returning, master_key, couriers, Spending(db, allowed), terms.work)
        self.uploads = Uploads(db, terms.files, tokens.server_key(master_key, "rates"))

    async def create(self, member: Member, draft: Draft, *, once: str = "") -> Created:
        """Raises `FormError` by the draft's field names, `UserError` when there can be no link.

        The same ``once`` of the same member gives the same link, however often it is asked for.
        """
        return await self._making.create(member, draft, once)

    async def prepare(self, member: Member, draft: Draft) -> Prepared:
        """To be looked at before it is made; raises as `create` does."""
        return await self._making.prepare(member, draft)

    async def create_prepared(self, member: Member, draft_id: str) -> Created:
        """What was looked at, once; raises `UserError`."""
        return await self._making.create_prepared(member, draft_id)

    async def candidates(self, member: Member) -> list[Candidate]:
        """The tools that a link of this member may offer; raises `UserError` for who may make none."""
        return await self._making.candidates(member)

    async def terms_in(self, workspace: str) -> Terms:
        return await self._making.terms(workspace)

    async def of(self, member: Member) -> list[Link]:
        """Those that are alive, newest first."""
        async with self._db.read() as tables:
            return await tables.links.of(member.workspace, member.id, now=now())

    async def own(self, member: Member, link_id: str) -> Link:
        """The member's own link while it is alive; raises `UserError`."""
        return await self._changing.own(member, link_id)

    async def find(self, member: Member, text: str) -> Link:
        """The live link of this title, however that is written; raises `NotFound`."""
        mine = await self.of(member)
        titles = same(text, [link.title for link in mine])
        if len(titles) == 1:
            return next(link for link in mine if link.title == titles[0])
        if titles:
            raise NotFound(f"{len(titles)} of your links are called {text}. {SAME_TITLE}")
        raise not_found("link", text, [(link.id, link.title) for link in mine])

    async def named(self, member: Member, title: str) -> Link:
        """The live link of this very title, but for capitals: what was asked about, never what looks like it."""
        mine = await self.of(member)
        found = [link for link in mine if link.title.strip().casefold() == title.strip().casefold()]
        if len(found) > 1:
            raise NotFound(f"{len(found)} of your links are called {title}. {SAME_TITLE}")
        if not found:
            raise not_found("link", title, [(link.id, link.title) for link in mine])
        return found[0]

    async def revoke(self, member: Member, link_id: str) -> Link:
        """Dead at once, its guests' chats with it."""
        link, ended = await self._changing.revoke(member, link_id)
        await ring(self._bus, ended)
        return link

    async def rotate(self, member: Member, link_id: str) -> Created:
        """With a new address; the old one is dead at once, and who chats goes on."""
        return await self._changing.rotate(member, link_id)

    async def extend(self, member: Member, link_id: str, hours: float) -> Link:
        return await self._changing.extend(member, link_id, hours)

    async def pause(self, member: Member, link_id: str, *, paused: bool = True) -> Link:
        """Nobody new may start, or may again; who chats goes on either way."""
        return await self._changing.pause(member, link_id, paused=paused)

    async def creator_gone(self, member: Member) -> int:
        """Nobody is left who could step in or be asked: their links end, their guests' chats with them. How many."""
        await ring(self._bus, await revoke_each(self._db, mine := await self.of(member), SLACK))
        return len(mine)

    async def workspace_gone(self, workspace: str) -> int:
        """Usher was taken out of it: all its links end. How many."""
        async with self._db.read() as tables:
            live = await tables.links.all_live(workspace, now())
        await ring(self._bus, await revoke_each(self._db, live, SLACK))
        return len(live)

    async def open_chats(self, link: Link) -> int:
        """How many guests are in it now."""
        async with self._db.read() as tables:
            return sum(each.ended_at is None for each in await tables.sessions.of(link.workspace_id, link.id))

    async def look(self, token: str) -> Link | None:
        """The link while it is alive; looking changes nothing."""
        link = await self.known(token)
        return link if link and is_live(link, now()) else None

    async def opened_by(self, member: Member, token: str) -> Created:
        """The member's own living link of this token, with its address; raises `UserError`."""
        link = await self.look(token)
        if link is None or (link.workspace_id, link.creator_id) != (member.workspace, member.id):
            raise UserError(NOT_OPEN)
        return Created(link, self._making.page(token))

    async def start(
        self,
        token: str,
        idem_key: str,
        name: str,
        consent: bool,
        *,
        caller: Caller = NOBODY,
        consent_text: str = "",
        language: str = "",
    ) -> Started | None:
        """The guest's session; the same ``idem_key`` gives the same one. None: dead, whatever the reason.

        ``language`` is the code of the one that the guest read what they agreed to in. Raises `Denied` for who may
        not start, `UserError`, `Refused`.
        """
        link = await self.known(token)
        if link is None:
            return None
        agreed = {"text": hashlib.sha256(consent_text.encode()).hexdigest(), "at": now().isoformat()}
        return await self.starting.start(link, idem_key, name, agreed if consent else None, caller, language)

    async def send_code(self, token: str, idem_key: str, *, ip: str = "", language: str = "") -> bool:
        """To the one whom the link is for, good for the start with this ``idem_key``; False: dead, or for anybody.

        Raises `Refused`, `NotSent`.
        """
        link = await self.known(token)
        return link is not None and await self.starting.send_code(link, idem_key, ip, link.language or language)

    async def guest(self, link_id: str, secret: str) -> Guest | None:
        """Who holds this cookie, also after the end, so that the reason can be told."""
        return await self._whose(link_id, secret)

    async def moved_away(self, link_id: str, secret: str) -> Guest | None:
        """Whose chat this cookie opened until another device took it over: to be told so, and nothing else."""
        return await self._whose(link_id, secret, moved=True)

    async def end(self, guest: Guest) -> bool:
        """The guest has had enough; False when it had ended before."""
        async with self._db.begin() as tables:
            if ended := await end_session(tables, guest.link, guest.session, "guest"):
                actor, detail = f"guest:{guest.session.id}", {"session": guest.session.id, "reason": "guest"}
                await tables.audit.add(guest.workspace, actor, "chat.ended", guest.link.id, detail)
        await ring(self._bus, [guest.conversation_id] if ended else [])
        return ended

    async def log(self, guest: Guest, after: int = 0, limit: int = EVENTS) -> list[Event]:
        async with self._db.read() as tables:
            return await tables.events.after(guest.workspace, guest.conversation_id, after, limit)

    async def last_words(self, workspace: str, turn_ids: Sequence[str]) -> None:
        """Returns when the answers that an end has stopped are stored as far as they were shown."""
        await quiet(self._db, self._bus, workspace, turn_ids)

    async def next_expiry(self) -> datetime | None:
        """When the next link runs out whose chats were not ended yet."""
        async with self._db.read() as tables:
            return await tables.links.next_expiry()

    async def sweep(self) -> int:
        """Close what time has ended; how many chats that were."""
        ended, resting = await sweeping.sweep(self._db)
        await ring(self._bus, ended)
        for topic in [*(f"conversation:{each}" for each in resting), *(["jobs"] if resting else [])]:
            await self._bus.tell(topic)
        return len(ended)

    async def known(self, token: str) -> Link | None:  # dead or alive: for what nobody is told of
        if tokens.parse(token, tokens.Kind.LINK) is None:
            return None
        async with self._db.read() as tables:
            return await tables.links.by_token_hash(tokens.at_rest(token))

    async def _whose(self, link_id: str, secret: str, *, moved: bool = False) -> Guest | None:
        if tokens.parse(secret, tokens.Kind.SESSION) is None:
            return None
        async with self._db.read() as tables:
            found = await tables.sessions.opened_by(link_id, tokens.at_rest(secret), formerly=moved)
        return Guest(found[1], found[0]) if found else None
