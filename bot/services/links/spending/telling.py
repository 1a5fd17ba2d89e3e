"""Who has to know that little is left: a link's creator, and those who look after the workspace."""

from bot.services.admin_notes import tell_admins
from bot.services.limits import limits
from bot.services.limits.budgets.many import Added
from bot.services.links import host_notes
from bot.services.links.spending.scopes import STOPS_STARTS
from storage.database import Tables
from storage.repositories.spending.budgets import Cap
from storage.schema import now
from storage.tables import Budget, Link

NEARLY = (
    "Guests of chat links have used {percent} % of what they may use in a day here ({used}). Nobody new can start a"
    " chat until midnight UTC; those who are chatting go on. `TEMPCHAT_DAY_TOKENS` and `TEMPCHAT_DAY_USD` say how"
    " much a day may take."
)
OVER = (
    "Guests of chat links have used all that they may use in a day here ({used}). They get no answers until midnight"
    " UTC, and read when that is. `TEMPCHAT_DAY_TOKENS` and `TEMPCHAT_DAY_USD` say how much a day may take."
)


def part_of(held: Budget, cap: Cap) -> float:
    """How much of it is spent or set aside; 1 is all."""
    tokens = (held.tokens_spent + held.tokens_reserved) / cap.tokens
    return max(tokens, (held.money_spent + held.money_reserved) / cap.money)


async def of_link(tables: Tables, link: Link, cap: Cap) -> None:
    await host_notes.tell_of_spending(
        tables, link, spent=max(link.tokens_spent / cap.tokens, link.money_spent / cap.money), turn=_turn(cap)
    )


async def of_day(tables: Tables, added: Added, cap: Cap) -> None:
    """Once, when it comes to the point."""
    held = added.held
    after = max(held.tokens_spent / cap.tokens, held.money_spent / cap.money)
    before = max((held.tokens_spent - added.tokens) / cap.tokens, (held.money_spent - added.money) / cap.money)
    used = f"{held.tokens_spent:,} tokens, about ${held.money_spent / 1_000_000:.2f}"
    day, full = f"{now():%Y-%m-%d}", 1 - _turn(cap)
    if before < full <= after:
        await tell_admins(tables, held.workspace_id, f"guests_over:{day}", OVER.format(used=used))
    elif before < STOPS_STARTS <= after:
        told = NEARLY.format(percent=int(after * 100), used=used)
        await tell_admins(tables, held.workspace_id, f"guests_nearly:{day}", told)


def _turn(cap: Cap) -> float:
    """The part of it that one more turn would take."""
    return limits.TURN_TOKENS / cap.tokens
