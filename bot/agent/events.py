"""What a turn tells whoever listens, in the order it happens."""

from dataclasses import dataclass, field
from typing import Any, Literal

from mcp_runtime.tools.tools import File, ToolCall

Ending = Literal["answered", "cut_short", "refused", "too_many_steps"]


@dataclass(frozen=True)
class Delta:
    """Running text; what it adds up to comes again, whole, in `Answer`."""

    text: str


@dataclass(frozen=True)
class Thinking:
    text: str


@dataclass(frozen=True)
class ToolStarted:
    """Told before the call is made: nothing runs until the listener asks for the next event."""

    position: int
    call: ToolCall
    title: str
    server: str
    guarded: bool
    """It was one that a person had to approve, or that may change something."""


@dataclass(frozen=True)
class ToolProgressed:
    """``words`` say how far it has come, «43 of 120»: partly a stranger's text. At most one a second."""

    position: int
    call: ToolCall
    title: str
    server: str
    words: str


@dataclass(frozen=True)
class ToolFinished:
    position: int
    call: ToolCall
    title: str
    server: str
    failed: bool
    summary: str
    """A line for people: the beginning of the result, or of what went wrong."""
    seconds: float
    files: tuple[File, ...] = field(default=(), repr=False)
    refused: str = ""
    """Which policy of ours did not let it through."""
    sources: tuple[tuple[str, str], ...] = ()
    """Name and address of what the result points to: a stranger's text."""


@dataclass(frozen=True)
class Retrying:
    """The model is asked again in so many seconds; what follows, whatever it is, says that this is over."""

    seconds: float
    reason: str
    """A sentence for people; empty when there is nothing to wait for, and so nothing to tell."""


@dataclass(frozen=True)
class ModelReplaced:
    old: str
    new: str


@dataclass(frozen=True)
class ToolsLeftOut:
    """The model's API cannot be given these tools; they are left out of this turn."""

    names: tuple[str, ...]
    why: str = ""
    """A clause for people, to stand after «since»."""


@dataclass(frozen=True)
class Spent:
    """One request's bill; ``model`` is the one that really answered. Counts are tokens."""

    model: str
    prompt: int
    """The cached ones are of these, and those that had sound in them."""
    cached: int
    output: int
    """What was said; what was thought before is counted beside it."""
    thoughts: int = 0
    audio: int = 0
    """Of the prompt, and not from the cache."""

    @property
    def total(self) -> int:
        return self.prompt + self.output + self.thoughts


@dataclass(frozen=True)
class Asked:
    """One call that waits for a person."""

    position: int
    call: ToolCall
    title: str
    server: str


@dataclass(frozen=True)
class Paused:
    """The turn ends here until a person decides about ``waiting``.

    ``pause`` is JSON for `bot.agent.loop.resume`; ``digest`` is the SHA-256 of all calls of the step.
    """

    waiting: tuple[Asked, ...]
    pause: dict[str, Any] = field(repr=False)
    digest: str
    said: str = ""
    """What was streamed before the model came to these calls."""


@dataclass(frozen=True)
class Answer:
    """The last word. ``text`` is whole; ``ending`` says how it came about."""

    text: str
    ending: Ending = "answered"


@dataclass(frozen=True)
class Failed:
    """The model could not be had. ``text`` is for people and names the cure; ``shown`` is what was streamed."""

    text: str
    shown: str = ""
    setup: bool = False
    """An administrator has to act: key, quota, model."""
    anew: bool = False
    """It may be answered without what was said before."""
    code: str = "failed"
    """Which of the reasons it is, for faces that have words of their own."""
    seconds: float = 0.0
    """Until it may be asked again; 0: not known."""


Event = (
    Delta
    | Thinking
    | ToolStarted
    | ToolProgressed
    | ToolFinished
    | Retrying
    | ModelReplaced
    | ToolsLeftOut
    | Spent
    | Paused
    | Answer
    | Failed
)
