"""Which models we ask, what each accepts, and who follows one that is gone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ModelCard:
    """What one model accepts. The defaults are the safe choice for a name we do not know."""

    name: str
    thinking: dict[str, Any] = field(default_factory=dict)
    media_in_results: bool = False


CARDS = {
    card.name: card
    for card in (
        ModelCard("gemini-2.5-flash", {"thinking_budget": -1}),
        ModelCard("gemini-3.5-flash-lite", {"thinking_level": "MINIMAL"}, media_in_results=True),
        ModelCard("gemini-3.8-flash", {"thinking_level": "LOW"}, media_in_results=True),  # refuses MINIMAL
    )
}


class KnownModels:
    """The configured model and, in order, the ones to turn to when it is gone: remembered while the process lives."""

    def __init__(self, names: Sequence[str]) -> None:
        self._cards = [CARDS.get(name, ModelCard(name)) for name in dict.fromkeys(names) if name]

    @property
    def current(self) -> ModelCard:
        return self._cards[0]

    def retire(self, name: str) -> bool:
        """Move on to the successor; False when there is none, or when another turn has done so before."""
        if name != self.current.name or len(self._cards) == 1:
            return False
        del self._cards[0]
        return True
