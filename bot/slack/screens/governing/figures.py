"""Calls and money in words: alike on every tab."""

from bot.services.limits.prices import in_words
from bot.slack.screens.blocks.bars import bar
from bot.slack.screens.blocks.text import count
from bot.slack.screens.spending.amounts import dollars
from storage.repositories.insights.calls import ENOUGH, Calls

NO_CALLS = "no calls"


def calls(found: Calls) -> str:
    """«120 calls, 98 % well (of 118), 0.4 s each, 3 refused»."""
    if not found.sent:
        return f"{NO_CALLS}, {found.refused} refused" if found.refused else NO_CALLS
    told = [count(found.sent, "call"), success(found), _each(found.seconds)]
    told += [f"{found.refused} refused by a rule"] if found.refused else []
    told += [in_words(found.money)] if found.money else []
    return ", ".join(filter(None, told))


def _each(seconds: float) -> str:
    return f"{seconds:.1f} s each" if seconds >= 0.05 else "less than 0.1 s each"


def success(found: Calls) -> str:
    """With what it is a share of; of too few calls nothing is said but how many failed."""
    if found.success is None:
        return f"{found.failed} failed" if found.failed else ""
    return f"{round(found.success * 100)} % went well"


def of_limit(money: int, limit: int | None) -> str:
    """«`███░` about $3.10 of $25.00»."""
    if limit is None:
        return f"{amount(money)}, no limit"
    over = ", used up" if money >= limit else ""
    return f"`{bar(money, limit)}` {amount(money)} of {dollars(limit)}{over}"


def amount(money: int) -> str:
    return in_words(money) if money else "nothing"


FEW = f"Of fewer than {ENOUGH} calls no share is told; what our own rules refused was never sent, and is no failure."
