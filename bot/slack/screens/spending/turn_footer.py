"""What one answer took, for its member: tokens and money; told on demand and never by itself."""

from bot.services.limits.budgets.budgets import TurnCost
from bot.services.limits.prices import in_words
from bot.slack.screens.blocks.text import count
from bot.slack.screens.spending.amounts import ESTIMATES, cost, tokens

NOT_COUNTED = "What this answer took was not counted."


def footer(turn: TurnCost) -> str:
    """«12,300 tokens (9,000 read from the cache, 400 thought) in 4 requests · about $0.01»."""
    total = turn.model
    told = f"{tokens(total)} in {count(total.requests, 'request')} · {cost(total)}" if total.requests else NOT_COUNTED
    if turn.calls:
        told += f" · calls of tools {in_words(turn.calls)}"
    saved = f" The cache saved {in_words(total.saved)}." if total.saved else ""
    guessed = " It broke off, so a part is estimated." if total.estimated else ""
    return f"{told.rstrip('.')}. {ESTIMATES}{saved}{guessed}" if total.requests or turn.calls else NOT_COUNTED
