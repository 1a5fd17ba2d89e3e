"""What the chunks of one streamed answer add up to: parts to keep, words to show, how it ended."""

from typing import Any

from bot.agent.events import Delta, Spent, Thinking
from bot.agent.gemini.errors import Garbled, Trouble
from bot.agent.gemini.history import Part, calls_in, joined, text_of
from bot.agent.gemini.stream import Chunk, candidate_of, inside
from bot.agent.gemini.well_formed import well_formed
from bot.agent.model import Message, Reply
from mcp_runtime.tools.policies.bounds import unsayable
from mcp_runtime.tools.tools import ToolCall

REFUSED = frozenset({"SAFETY", "RECITATION", "PROHIBITED_CONTENT", "SPII", "BLOCKLIST", "LANGUAGE"})
CUT_SHORT = frozenset({"MAX_TOKENS", "CONTINUATION"})
GARBLED = frozenset({"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE"})
MOST_TOKENS = 1 << 31


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
        self._usage: dict[str, Any] | None = None

    def hear(self, chunk: Chunk) -> list[Delta | Thinking]:
        """Raises `Garbled` for what is not shaped as the API says: kept, it would be sent with every later request."""
        self._usage = inside(chunk, "usageMetadata", dict) or self._usage  # cumulative: the last one counts
        self._version = inside(chunk, "modelVersion", str) or self._version
        self._blocked |= bool(inside(chunk, "promptFeedback", dict).get("blockReason"))
        candidate = candidate_of(chunk)
        self._finish = (inside(candidate, "finishReason", str) or self._finish).upper()
        parts = [_kept(part) for part in inside(inside(candidate, "content", dict), "parts", list)]
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
        if not (self._text or self._calls or self._refused or self._finish in CUT_SHORT):
            raise Garbled("EMPTY")

    @property
    def spent(self) -> Spent | None:
        usage = self._usage
        if usage is None:
            return None
        # What tools of the provider's own gave the model is billed as prompt, and told beside it.
        prompt = _number(usage, "promptTokenCount") + _number(usage, "toolUsePromptTokenCount")
        heard = _sounding(usage.get("promptTokensDetails")) - _sounding(usage.get("cacheTokensDetails"))
        return Spent(
            self._version or self.model,
            prompt,
            cached=min(prompt, _number(usage, "cachedContentTokenCount")),
            output=_number(usage, "candidatesTokenCount"),
            thoughts=_number(usage, "thoughtsTokenCount"),
            audio=max(0, heard),
        )

    @property
    def reply(self) -> Reply:
        if self._refused:
            return Reply(None, self._text, ending="refused")
        parts = joined(self._parts)
        message: Message | None = {"role": "model", "model": self.model, "parts": parts} if parts else None
        return Reply(message, self._text, self._calls, "cut_short" if self._finish in CUT_SHORT else "answered")

    @property
    def _refused(self) -> bool:
        return self._blocked or self._finish in REFUSED

    @property
    def _text(self) -> str:
        return text_of(self._parts)

    @property
    def _calls(self) -> tuple[ToolCall, ...]:
        return calls_of({"parts": self._parts})


def _number(of: dict[str, Any], name: str) -> int:
    """Of tokens, also in quotes; what can be no number of them counts as none."""
    try:
        found = float(of.get(name) or 0)
    except (TypeError, ValueError, OverflowError):
        return 0
    return int(found) if 0 <= found < MOST_TOKENS else 0


def _sounding(details: Any) -> int:
    found = [each for each in details if isinstance(each, dict)] if isinstance(details, list) else []
    return sum(_number(each, "tokenCount") for each in found if each.get("modality") == "AUDIO")


def _kept(part: Part) -> Part:
    """Without what is not there. What no JSON has stays as the model said it, so that the call can be refused."""
    there = _there(inside({"part": part}, "part", dict))
    for name in ("text", "thoughtSignature"):
        inside(there, name, str)
    call = _there(inside(there, "functionCall", dict))
    for name in ("id", "name"):
        inside(call, name, str)
    kept: Part = well_formed(there | ({"functionCall": call} if "functionCall" in there else {}))
    if (args := inside(call, "args", dict)) and unsayable(args):
        kept["functionCall"]["args"] = args
    return kept


def _there(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def calls_of(message: Message) -> tuple[ToolCall, ...]:
    return tuple(ToolCall(call.get("id", ""), call.get("name", ""), call.get("args", {})) for call in calls_in(message))
