"""What models cost, by the day from which a price holds: kept by hand, so that every cost is an estimate."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.agent.events import Spent

DOLLAR = 1_000_000
"""Money is counted in whole millionths of a US dollar."""
READ_ON = date(2026, 11, 28)
"""When these prices were last compared with the vendor's page: said wherever a sum of them is shown."""
LONG = 200_000
"""Tokens of a prompt beyond which some models take more, for all of it."""


@dataclass(frozen=True)
class Price:
    """Thousandths of a US dollar for a million tokens; thoughts are output."""

    since: date
    fresh: int
    cached: int
    output: int
    audio: int = 0
    """Of a recording; 0: as any other."""
    long: tuple[int, int, int] | None = None
    """Fresh, cached and output where the prompt is beyond `LONG`; audio is not told apart there."""

    def of(self, fresh: int, output: int, cached: int = 0, audio: int = 0) -> int:
        """In millionths of a dollar, rounded up. ``audio`` is of the fresh ones."""
        first, again, out = (self.fresh, self.cached, self.output)
        sound = self.audio or first
        if self.long and fresh + cached > LONG:
            first, again, out = self.long
            sound = first
        return -(-((fresh - audio) * first + audio * sound + cached * again + output * out) // 1000)


EVER = date(2020, 1, 1)
_ROSE = Price(date(2027, 1, 1), fresh=1_500, cached=150, output=7_500)
_NEWEST = (Price(EVER, fresh=750, cached=75, output=3_750), _ROSE)
PRICES: Mapping[str, tuple[Price, ...]] = {
    "gemini-2.5-flash": (Price(EVER, fresh=300, cached=30, output=2_500, audio=1_000),),
    "gemini-2.5-flash-lite": (Price(EVER, fresh=100, cached=10, output=400, audio=300),),
    "gemini-3.1-flash-lite": (Price(EVER, fresh=250, cached=25, output=1_500, audio=500),),
    "gemini-3.1-pro": (Price(EVER, fresh=2_000, cached=200, output=12_000, long=(4_000, 400, 18_000)),),
    "gemini-3.5-flash": (Price(EVER, fresh=1_500, cached=150, output=9_000),),
    "gemini-3.5-flash-lite": (Price(EVER, fresh=300, cached=30, output=2_500),),
    "gemini-3.6-flash": _NEWEST,
    "gemini-3.7-flash": _NEWEST,
    "gemini-3.8-flash": _NEWEST,
    "gemini-embedding-001": (Price(EVER, fresh=150, cached=150, output=0),),
    "gemini-embedding-2": (Price(EVER, fresh=200, cached=200, output=0),),
}
"""Oldest first."""
_VERSION = re.compile(r"(-(\d{3}|latest|preview(-[\d-]+)?))?")
"""What an answer may put behind a model's name."""


def price_of(model: str, on: date) -> Price | None:
    """None when nobody has written it down."""
    name = model.removeprefix("models/")
    found = [each for each in PRICES if name.startswith(each) and _VERSION.fullmatch(name[len(each) :])]
    return _on(PRICES[max(found, key=len)], on) if found else None


def dearest(on: date) -> Price:
    """What a model without a price is counted as: rather too much than too little."""
    return max((_on(prices, on) for prices in PRICES.values()), key=lambda price: (price.output, price.fresh))


def cost_of(spent: Spent, on: date) -> int:
    price = price_of(spent.model, on) or dearest(on)
    fresh = max(0, spent.prompt - spent.cached)
    return price.of(fresh, spent.output + spent.thoughts, spent.cached, min(spent.audio, fresh))


def saved_by_cache(spent: Spent, on: date) -> int:
    """What the cached tokens would have cost on top; 0 where no price is known. The one saving that is measured."""
    price = price_of(spent.model, on)
    if price is None:
        return 0
    cached = min(spent.cached, spent.prompt)
    return max(0, price.of(spent.prompt, 0) - price.of(spent.prompt - cached, 0, cached))


def at_most(model: str, fresh: int, output: int, on: date) -> int:
    return (price_of(model, on) or dearest(on)).of(fresh, output)


def in_words(money: int) -> str:
    """As people read it: no cost is told exactly, since prices are kept by hand."""
    return f"about ${money / DOLLAR:,.2f}" if money >= DOLLAR // 100 else "less than $0.01"


def _on(prices: tuple[Price, ...], day: date) -> Price:
    held = [price for price in prices if price.since <= day]
    return (held or prices[:1])[-1]
