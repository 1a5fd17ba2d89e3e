"""What is to be done about one wish."""

from dataclasses import dataclass

from playground.gemini.demo.conversation import Call
from playground.gemini.demo.hearing.clauses import Clause
from playground.gemini.demo.tools.wish import Want


@dataclass(frozen=True)
class Decision:
    """``calls`` first, then ``words`` beside what they gave."""

    words: str = ""
    calls: tuple[Call, ...] = ()
    looking: bool = False
    """The calls only find out what there is; what they give is not told."""
    want: Want | None = None
    """What the next message may supply."""
    unclear: Clause | None = None
    """A wish that tools of several servers are for."""
    offer: tuple[Call, ...] = ()
    """What a «yes» would start."""
