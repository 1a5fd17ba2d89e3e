"""Who may make a chat link, and how far it may go: what administrators have set, looked up anew each time."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.errors import FormError, UserError
from bot.services.limits.keeping import chosen_in
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


async def check(db: Database, member: Member, draft: Draft, is_admin: IsAdmin) -> Draft:
    """The draft, of what was left open as much as may be.

    Raises `UserError` for who may not, `FormError` for what goes too far.
    """
    rules = await admitted(db, member, is_admin)
    wrong = {}
    if rules.most_hours and draft.hours > rules.most_hours:
        wrong["hours"] = f"Administrators let links live for {lasting(rules.most_hours)} at most."
    if rules.most_guests and draft.max_sessions > rules.most_guests:
        wrong["max_sessions"] = f"Administrators let a link have {rules.most_guests} guests at most."
    if draft.tools and not rules.tools:
        wrong["tools"] = "Administrators let links offer guests no tools. Leave them out."
    if rules.most_cents and draft.cents > rules.most_cents:
        wrong["cents"] = f"Administrators let a link cost ${rules.most_cents / 100:.2f} at most."
    if draft.files and not rules.files:
        wrong["files"] = "Administrators let links take no files of guests. Leave them out."
    if wrong:
        raise FormError(wrong)
    return draft if draft.cents else replace(draft, cents=rules.most_cents or 0)


async def admitted(db: Database, member: Member, is_admin: IsAdmin) -> LinkRules:
    """How far their links may go; raises `UserError` for who may make none."""
    async with db.read() as tables:
        rules = await link_rules(tables, member.workspace)
    if not await _may(rules, member, is_admin):
        raise UserError(MAY_NOT[rules.who])
    return rules


async def narrowed(db: Database, workspace: str, terms: Terms) -> Terms:
    """What an installation allows, as far as this workspace does."""
    async with db.read() as tables:
        rules, kept = await link_rules(tables, workspace), await chosen_in(tables, workspace)
    hours = min(terms.most_hours, rules.most_hours or terms.most_hours)
    return replace(
        terms,
        most_hours=hours,
        usual_hours=min(terms.usual_hours, hours),
        keep_hours=min(terms.keep_hours, kept.guests * 24 if kept.guests else terms.keep_hours),
        link_cents=min(terms.link_cents, rules.most_cents or terms.link_cents),
        files=terms.files if rules.files else replace(terms.files, most=0),
    )


async def most_hours(tables: Tables, workspace: str, terms: Terms) -> float:
    """For how long from now a link may live at most."""
    return min(terms.most_hours, (await link_rules(tables, workspace)).most_hours or terms.most_hours)


async def _may(rules: LinkRules, member: Member, is_admin: IsAdmin) -> bool:
    if rules.who == CHOSEN:
        return member.id in rules.members
    return await is_admin(member) if rules.who == ADMINS else rules.who != NOBODY
