"""What administrators have set for their workspace: cards nobody may use, who makes chat links, the weekly digest."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.errors import UserError
from mcp_runtime.sessions.pool import TOPIC as SESSIONS
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.rules.egress import ANYWHERE, EGRESS, Egress
from storage.schema import now

CARDS, LINKS, DIGEST = "cards", "links", "digest"
CARDS_CHANGED = "cards"
"""What is told on the bus."""
TOLD = "policy_told"
"""The job that tells a member what has changed for them."""
MOST_NAMED = 5
EVERYBODY, CHOSEN, ADMINS, NOBODY = "everybody", "chosen", "admins", "nobody"
FORBIDDEN = (
    "An administrator has forbidden “{title}” here. I use none of its tools from now on; your connection and its token"
    " are kept, and it works again if they allow it."
)
LEANING = " Chat links that offer its tools go on without them: {links}."
NOT_ALLOWED = "{title} is not allowed here: your workspace's administrators do not let it be used. Ask one of them."
ALLOWED = "“{title}” is allowed here again. Your connection works as before."


@dataclass(frozen=True)
class LinkRules:
    """Who may make chat links, and how far these go at most; nothing narrower than the installation by itself."""

    who: str = EVERYBODY
    members: tuple[str, ...] = ()
    """Of ``chosen``."""
    most_hours: float | None = None
    most_guests: int | None = None
    tools: bool = True
    """Links may offer their guests tools."""
    most_cents: int | None = None
    """What a link may cost."""
    files: bool = True
    """Links may take files of guests."""


@dataclass(frozen=True)
class Chosen:
    forbidden: frozenset[str] = frozenset()
    """Names of cards."""
    links: LinkRules = field(default_factory=LinkRules)
    digest: bool = True
    """Administrators are told once a week."""
    egress: Egress = ANYWHERE


async def forbids(tables: Tables, workspace: str, card: str) -> bool:
    return card in await forbidden_cards(tables, workspace)


async def forbidden_cards(tables: Tables, workspace: str) -> frozenset[str]:
    return frozenset((await tables.policies.get(workspace, CARDS)).get("forbidden", ()))


async def permit(tables: Tables, workspace: str, card: str, title: str) -> None:
    """Raises `UserError`: nothing of a forbidden card is made, signed in to or changed."""
    if await forbids(tables, workspace, card):
        raise UserError(NOT_ALLOWED.format(title=title))


async def link_rules(tables: Tables, workspace: str) -> LinkRules:
    found = await tables.policies.get(workspace, LINKS)
    return LinkRules(**{**found, "members": tuple(found.get("members", ()))}) if found else LinkRules()


class Policies:
    """Whoever calls has seen to it that ``admin`` is one."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    async def of(self, workspace: str) -> Chosen:
        async with self._db.read() as tables:
            found = await tables.policies.of(workspace)
            links = await link_rules(tables, workspace)
            forbidden = await forbidden_cards(tables, workspace)
        weekly = found.get(DIGEST, {}).get("weekly", True)
        return Chosen(forbidden, links, weekly, Egress.of(found.get(EGRESS, {})))

    async def forbid(self, admin: Member, card: str, title: str, *, forbidden: bool = True) -> int:
        """It holds at once, for the next call of a turn that runs too. How many members it concerns: each is told."""
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(admin.workspace)
            changed = await tables.policies.forbid(admin.workspace, card, forbidden=forbidden)
            before = await forbidden_cards(tables, admin.workspace)
            names = before | {card} if forbidden else before - {card}
            if names == before and not changed:
                return 0
            await tables.policies.put(admin.workspace, CARDS, {"forbidden": sorted(names)}, by=admin.id)
            concerned = sorted({member for _, member in changed})
            told = (FORBIDDEN if forbidden else ALLOWED).format(title=title)
            leaning = await _leaning(tables, admin.workspace, {id_ for id_, _ in changed}) if forbidden else {}
            await _tell(tables, admin, {each: told + leaning.get(each, "") for each in concerned})
            action = "policy.card_forbidden" if forbidden else "policy.card_allowed"
            await tables.audit.add(admin.workspace, admin.id, action, card, {"card": title, "members": len(concerned)})
        await self._bus.tell(CARDS_CHANGED)
        await self._bus.tell(SESSIONS)
        await self._bus.tell("jobs")
        return len(concerned)

    async def set_links(self, admin: Member, rules: LinkRules) -> None:
        """For links made from now on; those that there are can be ended one by one."""
        told = {**vars(rules), "members": sorted(rules.members)}
        detail = {**told, "members": len(rules.members)}
        await self._put(admin, LINKS, told, "policy.links_set", detail)

    async def set_digest(self, admin: Member, *, weekly: bool) -> None:
        await self._put(admin, DIGEST, {"weekly": weekly}, "policy.digest_set", {"weekly": weekly})

    async def _put(
        self, admin: Member, name: str, chosen: dict[str, object], action: str, detail: dict[str, object]
    ) -> None:
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(admin.workspace)
            await tables.policies.put(admin.workspace, name, chosen, by=admin.id)
            await tables.audit.add(admin.workspace, admin.id, action, admin.workspace, detail)


async def tell_member(tables: Tables, member: Member, text: str, once: str) -> None:
    """In the caller's transaction: a job for whoever can reach them."""
    payload = {"workspace": member.workspace, "member": member.id, "text": text}
    await tables.jobs.add(
        TOLD, f"{TOLD}:{member.workspace}:{member.id}:{once}", payload, now(), workspace=member.workspace
    )
    await tables.home_tabs.changed(member.workspace, member.id)


async def _leaning(tables: Tables, workspace: str, connections: Collection[str]) -> dict[str, str]:
    """What creators of links are told besides: which of theirs offer tools of these connections."""
    titles: dict[str, list[str]] = {}
    for link in await tables.links.all_live(workspace, now()):
        if any(each["connection_id"] in connections for each in link.tools):
            titles.setdefault(link.creator_id, []).append(link.title)
    return {member: LEANING.format(links=_named(theirs)) for member, theirs in titles.items()}


async def _tell(tables: Tables, admin: Member, texts: Mapping[str, str]) -> None:
    """``texts`` are by member."""
    moment = now().isoformat()
    for each, text in texts.items():
        await tell_member(tables, Member(admin.workspace, each), text, moment)


def _named(titles: Sequence[str]) -> str:
    shown = ", ".join(f"“{each}”" for each in titles[:MOST_NAMED])
    return shown + (f" and {len(titles) - MOST_NAMED} more" if len(titles) > MOST_NAMED else "")
