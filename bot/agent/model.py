"""What the loop asks of a model."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from bot.agent.events import Delta, ModelReplaced, Retrying, Spent, Thinking, ToolsLeftOut
from mcp_runtime.tools.tools import Tool, ToolCall, ToolResult

Message = dict[str, Any]
"""One entry of the history, in the provider's own JSON so that nothing is lost on the way back."""

FILE_TOKENS = "file_tokens"
"""In a message with files of people: about how many tokens these take."""


@dataclass(frozen=True)
class Reply:
    """One whole answer of the model; last of what `Model.reply` yields."""

    message: Message | None
    """None when there is nothing to keep, as after a refusal."""
    text: str
    calls: tuple[ToolCall, ...] = ()
    ending: Literal["answered", "cut_short", "refused"] = "answered"


Heard = Delta | Thinking | Retrying | ModelReplaced | ToolsLeftOut | Spent | Reply


class ModelFailed(Exception):
    """Nothing helps any more. The text is for people; ``setup`` means that an administrator has to act.

    ``anew``: what was said before is in the way, and the question may be answered without it. ``code`` names the
    reason; ``seconds`` says when it may be asked again, 0 where nobody knows.
    """

    def __init__(
        self, text: str, *, setup: bool = False, anew: bool = False, code: str = "failed", seconds: float = 0.0
    ) -> None:
        super().__init__(text)
        self.setup = setup
        self.anew = anew
        self.code = code
        self.seconds = seconds


class Model(Protocol):
    @property
    def name(self) -> str:
        """Of the model that is asked at present."""

    def reply(
        self,
        history: Sequence[Message],
        tools: Sequence[Tool],
        *,
        instructions: str,
        may_call: bool = True,
        max_tokens: int | None = None,
    ) -> AsyncGenerator[Heard, None]:
        """One answer, told as it comes and ended by a `Reply`; raises `ModelFailed`.

        ``may_call=False`` keeps the tools declared and forbids calling them.
        """

    def user(self, text: str, note: str = "", files: Sequence[Mapping[str, Any]] = ()) -> Message:
        """What a person said, after a ``note`` that nobody said; a note alone is no person's message.

        ``files`` came with it: each is named by id, name, mime and tokens, by whose it is (``by``, else a guest's) and
        whether it is ``cut``, and stands in the message by that alone.
        """

    def with_files(self, message: Message, contents: Mapping[str, bytes]) -> Message:
        """Such a message with these contents by id, marked as material; of others it is said that they were there."""

    def results(self, results: Sequence[tuple[ToolCall, ToolResult]]) -> list[Message]:
        """The answers to all calls of one step, in call order, and files that go beside them."""

    def calls(self, message: Message) -> tuple[ToolCall, ...]:
        """The calls that a stored message of the model holds."""

    def given(self, message: Message) -> list[tuple[str, dict[str, Any]]]:
        """Of each result in a stored message, in call order: its tool's name, and what came of the call.

        That is in ``output``, or in ``error`` where it failed.
        """

    def typed(self, message: Message) -> str:
        """What a person wrote, without the note before it; empty in messages that are nobody's."""

    def attached(self, message: Message) -> list[tuple[str, str]]:
        """The text of files in it, as far as they are text, each with its tool's name; that is empty for a person's."""

    def file_bytes(self, message: Message) -> int:
        """Of all files in it, a person's and a tool's."""

    def repaired(self, history: Sequence[Message]) -> list[Message]:
        """A history the model will take: calls without answers are answered, orphaned answers dropped."""

    def speaks(self, message: Message) -> bool:
        """Whether a person said it: results of tools and files beside them are not a person."""

    def words_of(self, message: Message) -> str:
        """What the model itself said in a stored message, without its thoughts; empty in all others."""

    def in_words(self, message: Message) -> str:
        """As plain lines, for a summary: calls and results named, long ones clipped, files mentioned."""
