"""Money and tokens in words, and amounts that people type."""

from decimal import Decimal, InvalidOperation

from bot.services.limits.prices import DOLLAR, READ_ON, in_words
from bot.slack.screens.blocks.elements import Block, field
from bot.slack.screens.blocks.text import count
from storage.repositories.spending.model_usage import Sum

MOST = 1_000_000
"""Dollars."""
NOT_AN_AMOUNT = f"An amount in US dollars, such as 25 or 7.50, at most {MOST:,}. Leave it empty for none."
ESTIMATES = f"Money is an estimate, by the prices of {READ_ON:%-d %B %Y}."


def dollars(money: int) -> str:
    """An amount that was set: exact."""
    return f"${money / DOLLAR:,.2f}"


def used(total: Sum) -> str:
    """«3 answers · 4,100 tokens (2,000 read from the cache, 900 thought) · about $0.02»."""
    return f"{answers(total)} · {cost(total)}"


def answers(total: Sum) -> str:
    """The same without money, for where that stands beside it."""
    return f"{count(total.turns, 'answer')} · {tokens(total)}"


def tokens(total: Sum) -> str:
    apart = [f"{total.cached:,} read from the cache"] if total.cached else []
    apart += [f"{total.thoughts:,} thought"] if total.thoughts else []
    return f"{total.tokens:,} tokens" + (f" ({', '.join(apart)})" if apart else "")


def cost(total: Sum) -> str:
    """What has no price is never shown as if it cost nothing."""
    if not total.unpriced:
        return in_words(total.money)
    unknown = f"the price of {count(total.unpriced, 'request')} is not known"
    return f"{in_words(total.money)}, and {unknown}" if total.priced else unknown


def amount_field(block_id: str, label: str, money: int | None, hint: str) -> Block:
    box: Block = {"type": "number_input", "action_id": "value", "is_decimal_allowed": True}
    box |= {"min_value": "0", "max_value": str(MOST)}
    if money is not None:
        box["initial_value"] = f"{Decimal(money) / DOLLAR:f}" if money % (DOLLAR // 100) else f"{money / DOLLAR:.2f}"
    return field(block_id, label, box, hint=hint, optional=True)


def typed(text: str) -> int | None:
    """In millionths of a dollar, None for nothing; raises ValueError with what to do."""
    if not text.strip():
        return None
    try:
        amount = Decimal(text.strip().removeprefix("$").replace(",", "")) * DOLLAR
    except InvalidOperation:
        raise ValueError(NOT_AN_AMOUNT) from None
    if not amount.is_finite() or not 0 <= amount <= MOST * DOLLAR:
        raise ValueError(NOT_AN_AMOUNT)
    return int(amount)
