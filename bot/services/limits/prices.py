"""What models cost, by the day from which a price holds: kept by hand, so that every cost is an estimate."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.agent.events import Spent

DOLLAR = 1_000_000
"""Money is counted in whole millionths of a US dollar."""


@dataclass(frozen=True)
class Price:
    """US cents for a million tokens; thoughts are output."""

    since: date
    fresh: int
    cached: int
    output: int

    def of(self, fresh: int, output: int, cached: int = 0) -> int:
        """In millionths of a dollar, rounded up."""
        return -(-(fresh * self.fresh + cached * self.cached + output * self.output) // 100)


PRICES: Mapping[str, tuple[Price, ...]] = {
    "gemini-2.5-flash": (Price(date(2025, 6, 17), fresh=30, cached=3, output=250),),
    "gemini-3.5-flash-lite": (Price(date(2026, 11, 1), fresh=30, cached=3, output=250),),
    # What is cached costs less, but how much is not published: counted as fresh.
    "gemini-3.8-flash": (Price(date(2026, 11, 1), fresh=75, cached=75, output=375),),
}
"""Oldest first."""
_VERSION = re.compile(r"(-(\d{3}|latest|preview(-[\d-]+)?))?")
"""What an answer may put behind a model's name."""


def price_of(model: str, on: date) -> Price | None:
    """None when nobody has written it down."""
    name = model.removeprefix("models/")
    found = [each for each in PRICES if name.startswith(each) and _VERSION.fullmatch(name[len(each) :])]
    return _on(PRICES[found[0]], on) if found else None


def dearest(on: date) -> Price:
    """What a model without a price is counted as: rather too much than too little."""
    return max((_on(prices, on) for prices in PRICES.values()), key=lambda price: (price.output, price.fresh))


def cost_of(spent: Spent, on: date) -> int:
    price = price_of(spent.model, on) or dearest(on)
    return price.of(max(0, spent.prompt - spent.cached), spent.output, spent.cached)


def at_most(model: str, fresh: int, output: int, on: date) -> int:
    return (price_of(model, on) or dearest(on)).of(fresh, output)


def in_words(money: int) -> str:
    """As people read it: no cost is told exactly, since prices are kept by hand."""
    return f"about ${money / DOLLAR:,.2f}" if money >= DOLLAR // 100 else "less than $0.01"


def _on(prices: tuple[Price, ...], day: date) -> Price:
    held = [price for price in prices if price.since <= day]
    return (held or prices[:1])[-1]
