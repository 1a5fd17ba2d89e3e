"""Who may make a chat link, and how far it may go: what administrators have set, looked up anew each time."""

from collections.abc import Awaitable, Callable

from bot.errors import FormError, UserError
from bot.services.limits.policies import ADMINS, CHOSEN, NOBODY, LinkRules, link_rules
from bot.services.links.values import Draft, Terms, lasting
from storage.database import Database, Tables
from storage.members import Member

IsAdmin = Callable[[Member], Awaitable[bool]]
MAY_NOT = {
    NOBODY: "Administrators let nobody make chat links here at present. Ask one of them.",
    CHOSEN: "Administrators let only some members make chat links here, and you are not among them. Ask one of them.",
    ADMINS: "Only administrators make chat links here. Ask one of them for one.",
}


async def no_admin(_: Member) -> bool:
    """Where nobody can say who is one."""
    return False


async def check(db: Database, member: Member, draft: Draft, is_admin: IsAdmin) -> None:
    """Raises `UserError` for who may not, `FormError` for what goes too far."""
    rules = await admitted(db, member, is_admin)
    wrong = {}
    if rules.most_hours and draft.hours > rules.most_hours:
        wrong["hours"] = f"Administrators let links live for {lasting(rules.most_hours)} at most."
    if rules.most_guests and draft.max_sessions > rules.most_guests:
        wrong["max_sessions"] = f"Administrators let a link have {rules.most_guests} guests at most."
    if draft.tools and not rules.tools:
        wrong["tools"] = "Administrators let links offer guests no tools. Leave them out."
    if wrong:
        raise FormError(wrong)


async def admitted(db: Database, member: Member, is_admin: IsAdmin) -> LinkRules:
    """How far their links may go; raises `UserError` for who may make none."""
    async with db.read() as tables:
        rules = await link_rules(tables, member.workspace)
    if not await _may(rules, member, is_admin):
        raise UserError(MAY_NOT[rules.who])
    return rules


async def most_hours(tables: Tables, workspace: str, terms: Terms) -> float:
    """For how long from now a link may live at most."""
    return min(terms.most_hours, (await link_rules(tables, workspace)).most_hours or terms.most_hours)


async def _may(rules: LinkRules, member: Member, is_admin: IsAdmin) -> bool:
    if rules.who == CHOSEN:
        return member.id in rules.members
    return await is_admin(member) if rules.who == ADMINS else rules.who != NOBODY
