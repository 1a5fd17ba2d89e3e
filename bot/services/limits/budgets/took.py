"""What one request to the model took, with all its attempts."""

from dataclasses import dataclass

from bot.agent.events import Delta, Retrying, Spent, Thinking
from bot.agent.model import Heard
from bot.services.limits import prices
from bot.services.limits.budgets.growth import Brought
from storage.schema import now

BYTES = 3
"""Of a token, in UTF-8: English has four and more, Japanese three; rather too much than too little."""


@dataclass
class Took:
    """Counts are tokens, money millionths of a US dollar."""

    model: str = ""
    """That really answered; until then the one that is asked."""
    prompt: int = 0
    cached: int = 0
    """Of the prompt."""
    output: int = 0
    thoughts: int = 0
    money: int = 0
    """Where no price is known, at the dearest one's."""
    saved: int = 0
    """What the cached ones would have cost on top."""
    unpriced: str = ""
    """A model whose price nobody has written down."""
    brought: Brought | None = None
    """What results of tools brought into the prompt, where that is known."""
    measured: bool = True
    """The provider has said all of it; else a part is estimated."""

    @property
    def tokens(self) -> int:
        return self.prompt + self.output + self.thoughts

    def billed(self, spent: Spent) -> None:
        day = now().date()
        self.model = spent.model
        self.prompt += spent.prompt
        self.cached += spent.cached
        self.output += spent.output
        self.thoughts += spent.thoughts
        self.money += prices.cost_of(spent, day)
        self.saved += prices.saved_by_cache(spent, day)
        self.unpriced = self.unpriced or ("" if prices.price_of(spent.model, day) else spent.model)

    def guessed(self, prompt: int, output: int) -> None:
        """No bill came of it."""
        day = now().date()
        self.measured = False
        self.prompt += prompt
        self.output += output
        self.money += prices.at_most(self.model, prompt, output, day)


class Bill:
    """What comes back of one request is heard, and adds up to what it took; ``prompt`` is as estimated."""

    def __init__(self, model: str, prompt: int) -> None:
        self.took = Took(model)
        self._prompt = prompt
        self._heard = 0
        """Bytes of text of which no bill has come yet."""

    def hear(self, event: Heard) -> None:
        if isinstance(event, Delta | Thinking):
            self._heard += len(event.text.encode(errors="surrogatepass"))
        elif isinstance(event, Retrying):
            self._cut_off()
        elif isinstance(event, Spent):
            self._heard = 0
            self.took.billed(event)

    def close(self, *, over: bool) -> Took:
        """``over``: it came to its end or to nothing, and nobody left it while it ran."""
        self._cut_off(always=not (over or self.took.tokens))
        return self.took

    def _cut_off(self, *, always: bool = False) -> None:
        """What broke off is billed all the same: as much of it as was heard, after the whole prompt."""
        if self._heard or always:
            self.took.guessed(self._prompt, self._heard // BYTES)
            self._heard = 0
