"""A member asks the administrators to raise what is used up, and hears of it once somebody has."""

from collections.abc import Mapping

from bot.services.admin_notes import ABOUT, tell_admins
from bot.services.limits.budgets.months import WORKSPACE, key_of_month, limit_of, member_of, next_month, whose
from bot.services.limits.budgets.telling import NOTE
from bot.services.limits.prices import DOLLAR
from storage.database import Tables
from storage.members import Member
from storage.schema import new_id, now
from storage.tables import SpendingLimit

OF_ONE = (
    "{about} has used up what they may use of me this month, and asks you to raise it: on my Home tab, under “Budgets”."
)
OF_ALL = (
    "What this workspace may use of me this month is used up, so I answer nobody. {about} asks you to raise it: on my"
    " Home tab, under “Budgets”."
)
RAISED = "You asked for more: what {who} may use of me in a month is now {limit}. Please ask me again."
LIFTED = "You asked for more: there is no limit any more to what {who} may use of me in a month. Please ask me again."
NO_MORE = (
    "You asked for more: what {who} may use of me in a month was changed, but is not more than before. It is {limit}"
    " now, and was {was}; on {day} it begins anew."
)
NOT_ENOUGH = (
    "You asked for more: what {who} may use of me in a month is now {limit}. As much is used already, so I still cannot"
    " answer. On {day} it begins anew."
)
WHO = {True: "this workspace", False: "you"}
Limits = Mapping[str, SpendingLimit]


async def ask(tables: Tables, member: Member) -> None:
    """Administrators hear of it once a day, however often it is asked."""
    of_all = await _of_all(tables, member)
    code = f"raise:{WORKSPACE if of_all else member.id}"
    text = (OF_ALL if of_all else OF_ONE).format(about=ABOUT)
    await tell_admins(tables, member.workspace, code, text, about=member.id)
    at = now()
    # Nothing is told by this one: until the month is over it notes who waits for an answer.
    waits = {"workspace": member.workspace, "member": member.id, "text": "", "of_all": of_all}
    once = f"{NOTE}:asked:{member.workspace}:{key_of_month(at, member.id)}"
    await tables.jobs.add(NOTE, once, waits, next_month(at), workspace=member.workspace)


async def tell_changed(tables: Tables, workspace: str, before: Limits, after: Limits) -> None:
    """To those who asked for more, what their limit is now; in the transaction that changed it.

    They wait on where it is no more, or too little: a limit of their own may have given way to a lower one of all.
    """
    for job in await tables.jobs.all(workspace, NOTE):
        if job.payload["text"] or "of_all" not in job.payload:
            continue
        of_all, member = job.payload["of_all"], job.payload["member"]
        names = whose("" if of_all else member)
        was, limit = limit_of(before, names), limit_of(after, names)
        if was is None or limit == was:
            continue
        good = limit is None or (limit > was and await _left(tables, Member(workspace, member), limit, of_all))
        if good and not await tables.jobs.finish(job, now()):
            continue
        sentence = LIFTED if limit is None else RAISED if good else NOT_ENOUGH if limit > was else NO_MORE
        amounts = {"limit": _dollars(limit or 0), "was": _dollars(was), "day": f"{next_month(now()):%-d %B}"}
        payload = {"workspace": workspace, "member": member, "text": sentence.format(who=WHO[of_all], **amounts)}
        await tables.jobs.add(NOTE, f"{NOTE}:changed:{new_id()}", {**payload, "good": good}, now(), workspace=workspace)


def _dollars(money: int) -> str:
    return f"${money / DOLLAR:,.2f}"


async def _left(tables: Tables, member: Member, limit: int, of_all: bool) -> bool:
    key = key_of_month(now(), "" if of_all else member.id)
    held = (await tables.budgets.of(member.workspace, (key,))).get(key)
    return held is None or held.money_spent + held.money_reserved < limit


async def _of_all(tables: Tables, member: Member) -> bool:
    """Whether it is the workspace's limit that they have come to: the one of which more is used."""
    limits, at = await tables.budgets.limits(member.workspace), now()
    keys = (key_of_month(at), key_of_month(at, member.id))
    held = await tables.budgets.of(member.workspace, keys)
    shares = []
    for key in keys:
        limit = limit_of(limits, whose(member_of(key)))
        spent = held[key].money_spent + held[key].money_reserved if key in held else 0
        shares.append(0.0 if limit is None else spent / limit if limit else 1.0)
    of_workspace, of_member = shares
    return of_workspace > of_member
