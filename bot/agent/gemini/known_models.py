"""Which models we ask, what each accepts, and who follows one that is gone."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelCard:
    """What one model accepts. The defaults are the safe choice for a name we do not know."""

    name: str
    thinking: dict[str, Any] = field(default_factory=dict)
    media_in_results: bool = False
    ends: date | None = None
    """The day on which Google shuts it down, as far as it is announced."""

    def is_over(self, today: date) -> bool:
        return self.ends is not None and today >= self.ends


CARDS = {
    card.name: card
    for card in (
        ModelCard("gemini-2.5-flash", {"thinkingBudget": -1}, ends=date(2026, 12, 1)),
        ModelCard("gemini-3.5-flash-lite", {"thinkingLevel": "MINIMAL"}, media_in_results=True),
        ModelCard("gemini-3.8-flash", {"thinkingLevel": "LOW"}, media_in_results=True),  # refuses MINIMAL
    )
}


WHOLE, TUNED = "models/", "tunedModels/"


def card_of(name: str) -> ModelCard:
    """``name`` may be whole, as Google's own lists have it."""
    bare = name.removeprefix(WHOLE)
    return CARDS.get(bare) or ModelCard(bare)


def path_of(name: str) -> str:
    """Of a model's card, in the API's addresses."""
    return quote(name if name.startswith(TUNED) else WHOLE + name)


def utc_today() -> date:
    """By UTC: a day begins there before it begins where Google is, so nothing is asked that is gone already."""
    return datetime.now(UTC).date()


class KnownModels:
    """The configured model and, in order, the ones to turn to when it is gone: remembered while the process lives.

    One whose last day is over is not asked at all, also when the day comes while the process runs.
    """

    def __init__(self, names: Sequence[str], today: Callable[[], date] = utc_today) -> None:
        self._cards = [card_of(name) for name in dict.fromkeys(names) if name]
        self._today = today

    @property
    def current(self) -> ModelCard:
        while len(self._cards) > 1 and self._cards[0].is_over(self._today()):
            over = self._cards.pop(0)
            log.info("%s was shut down on %s: %s is asked", over.name, over.ends, self._cards[0].name)
        return self._cards[0]

    def retire(self, name: str) -> bool:
        """Move on to the successor; False when there is none, or when another turn has done so before."""
        if name != self.current.name or len(self._cards) == 1:
            return False
        del self._cards[0]
        return True


def overdue(name: str, fallback: str, today: date) -> str | None:
    """What to tell whoever chose this model, now that its last day is over; None while it is not."""
    card, used = card_of(name), KnownModels([name, fallback], lambda: today).current.name
    if not card.is_over(today):
        return None
    if used == card.name:
        return f"{name} was shut down on {card.ends}, and no other model is set"
    return f"{name} was shut down on {card.ends}; {used} is asked instead"
