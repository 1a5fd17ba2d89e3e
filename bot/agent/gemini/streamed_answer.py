"""What the chunks of one streamed answer add up to: parts to keep, words to show, how it ended."""

from typing import TYPE_CHECKING

from bot.agent.events import Delta, Spent, Thinking
from bot.agent.gemini.errors import Garbled, Trouble
from bot.agent.gemini.history import Part, calls_in, joined, text_of
from bot.agent.gemini.well_formed import well_formed
from bot.agent.model import Message, Reply
from mcp_runtime.tools.policies.bounds import unsayable
from mcp_runtime.tools.tools import ToolCall

if TYPE_CHECKING:
    from google.genai import types
    from google.genai.types import GenerateContentResponse as Chunk
    from google.genai.types import GenerateContentResponseUsageMetadata as Usage

REFUSED = frozenset({"SAFETY", "RECITATION", "PROHIBITED_CONTENT", "SPII", "BLOCKLIST", "LANGUAGE"})
GARBLED = frozenset({"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE"})


class StreamedAnswer:
    """One attempt at one answer of the model named ``model``."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.shown = False
        self.trouble: Trouble | None = None
        """Why it came to nothing."""
        self._parts: list[Part] = []
        self._finish = ""
        self._blocked = False
        self._version = ""
        self._usage: Usage | None = None

    def hear(self, chunk: "Chunk") -> list[Delta | Thinking]:
        self._usage = chunk.usage_metadata or self._usage  # cumulative: the last one counts
        self._version = chunk.model_version or self._version
        self._blocked |= bool(chunk.prompt_feedback and chunk.prompt_feedback.block_reason)
        if not chunk.candidates:
            return []
        candidate = chunk.candidates[0]
        if candidate.finish_reason:
            self._finish = candidate.finish_reason.value
        said = (candidate.content.parts if candidate.content else None) or []
        parts = [_kept(part) for part in said]
        self._parts += parts
        told: list[Delta | Thinking] = [
            Thinking(part["text"]) if part.get("thought") else Delta(part["text"]) for part in parts if part.get("text")
        ]
        self.shown |= any(isinstance(event, Delta) for event in told)
        return told

    def check(self) -> None:
        """Raises `Garbled` for an answer that is none."""
        if self._finish in GARBLED:
            raise Garbled(self._finish)
        if not (self._text or self._calls or self._refused or self._finish == "MAX_TOKENS"):
            raise Garbled("EMPTY")

    @property
    def spent(self) -> Spent | None:
        usage = self._usage
        if usage is None:
            return None
        # What tools of the provider's own gave the model is billed as prompt, and told beside it.
        prompt = (usage.prompt_token_count or 0) + (usage.tool_use_prompt_token_count or 0)
        heard = _sounding(usage.prompt_tokens_details) - _sounding(usage.cache_tokens_details)
        return Spent(
            self._version or self.model,
            prompt,
            cached=min(prompt, usage.cached_content_token_count or 0),
            output=usage.candidates_token_count or 0,
            thoughts=usage.thoughts_token_count or 0,
            audio=max(0, heard),
        )

    @property
    def reply(self) -> Reply:
        if self._refused:
            return Reply(None, self._text, ending="refused")
        parts = joined(self._parts)
        message: Message | None = {"role": "model", "model": self.model, "parts": parts} if parts else None
        return Reply(message, self._text, self._calls, "cut_short" if self._finish == "MAX_TOKENS" else "answered")

    @property
    def _refused(self) -> bool:
        return self._blocked or self._finish in REFUSED

    @property
    def _text(self) -> str:
        return text_of(self._parts)

    @property
    def _calls(self) -> tuple[ToolCall, ...]:
        return calls_of({"parts": self._parts})


def _sounding(details: "list[types.ModalityTokenCount] | None") -> int:
    sound = (each.token_count or 0 for each in details or () if each.modality and each.modality.value == "AUDIO")
    return sum(sound)


def _kept(part: "types.Part") -> Part:
    """As JSON. What no JSON has the SDK makes null of: as the model said it, so that the call can be refused."""
    kept: Part = well_formed(part.model_dump(mode="json", by_alias=True, exclude_none=True))
    if (call := part.function_call) and call.args and unsayable(call.args):
        kept["functionCall"]["args"] = call.args
    return kept


def calls_of(message: Message) -> tuple[ToolCall, ...]:
    return tuple(ToolCall(call.get("id", ""), call.get("name", ""), call.get("args", {})) for call in calls_in(message))
