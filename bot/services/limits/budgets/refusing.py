"""Which budget is used up, in words: what it is, who can change it, when it begins anew. Guests read of no money."""

from bot.errors import Refused
from bot.services.limits.budgets.months import agent_of, is_month, member_of, next_month
from bot.services.limits.prices import DOLLAR
from bot.services.limits.refusals import refused
from storage.schema import now

AGAIN_AFTER = 20.0
OTHERS, OTHERS_OF_MONTH = "others", "others_of_month"
MONTH_OF_MEMBER = (
    "You have used up what you may use of me in a month ({limit}). It begins anew on {day} at 00:00 UTC. Until then"
    " an administrator can raise it on my Home tab, under “Budgets”."
)
MONTH_OF_ALL = (
    "All of you together have used up what this workspace may use of me in a month ({limit}). It begins anew on {day}"
    " at 00:00 UTC. Until then an administrator can raise it on my Home tab, under “Budgets”."
)
MONTH_OF_AGENT = (
    "This agent has used up what it may use in a month ({limit}). It begins anew on {day} at 00:00 UTC. Until then ask"
    " another one, or an administrator, who can raise it on my Home tab, under “Agents”."
)
LITTLE_LEFT = (
    "Others are being answered, and so little is left for this month ({limit}) that I have to wait for them. Please"
    " ask me again in a moment."
)


def for_now(refusal: Refused) -> bool:
    """It may pass, once what others have set aside is settled."""
    return refusal.code in (OTHERS, OTHERS_OF_MONTH)


def full(key: str, *, for_now: bool, of_guest: bool = True, limit: int | None = None) -> Refused:
    """``key`` names the budget; ``limit`` is a month's, in millionths of a US dollar."""
    if (is_month(key) or agent_of(key)) and not of_guest:
        return _of_member(key, for_now=for_now, limit=limit or 0)
    if for_now:
        return refused(OTHERS, retry_after=AGAIN_AFTER)
    if is_month(key) or agent_of(key):
        return refused("month", retry_after=until_next_month())
    if key.startswith("session:"):
        return refused("share")
    if key.startswith(("creator:", "workspace:")):
        return refused("day", retry_after=until_tomorrow())
    return refused("budget")


def until_tomorrow() -> float:
    """Seconds, by UTC."""
    at = now()
    return 86_400 - (at.hour * 3_600 + at.minute * 60 + at.second + at.microsecond / 1e6)


def until_next_month() -> float:
    return (next_month(now()) - now()).total_seconds()


def _of_member(key: str, *, for_now: bool, limit: int) -> Refused:
    told = {"limit": f"${limit / DOLLAR:,.2f}", "day": f"{next_month(now()):%-d %B}"}
    if for_now:
        return Refused(LITTLE_LEFT.format(**told), code=OTHERS_OF_MONTH, retry_after=AGAIN_AFTER)
    if agent_of(key):
        return Refused(MONTH_OF_AGENT.format(**told), code="agent", retry_after=until_next_month())
    sentence = MONTH_OF_MEMBER if member_of(key) else MONTH_OF_ALL
    return Refused(sentence.format(**told), code="month", retry_after=until_next_month())
