"""What a script for the local Gemini is made of, and what it remembers of each request."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from aiohttp import web

from playground.gemini.wire import Json

USAGE = {"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 3, "totalTokenCount": 18}


class Break(Enum):
    """Two ways a stream goes wrong without a word."""

    CUT = "drop the connection"
    HOLD = "say nothing until the client leaves"


@dataclass(frozen=True)
class Failure:
    """As a reply it is the HTTP answer; as a step it arrives in the middle of the stream."""

    code: int
    status: str = ""
    message: str = "scripted failure"
    details: Sequence[Json] = ()
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> Json:
        error = {"code": self.code, "message": self.message, "status": self.status}
        return {"error": error | ({"details": list(self.details)} if self.details else {})}

    @property
    def response(self) -> web.Response:
        return web.json_response(self.body, status=self.code, headers=self.headers)


Step = list[Json] | Failure | Break


@dataclass(frozen=True)
class Reply:
    """One answer of the model, a step for each streamed chunk."""

    steps: Sequence[Step]
    finish: str = "STOP"
    blocked: str = ""
    usage: Json = field(default_factory=lambda: dict(USAGE))

    def chunk(self, step: list[Json], last: bool, model: str) -> Json:
        shared = {"usageMetadata": self.usage, "modelVersion": model, "responseId": "local"}
        if self.blocked:
            return {"promptFeedback": {"blockReason": self.blocked}} | shared
        candidate: Json = {"index": 0}
        if step:
            candidate["content"] = {"role": "model", "parts": step}
        if last and self.finish:
            candidate["finishReason"] = self.finish
        return {"candidates": [candidate]} | shared


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str] = field(repr=False)
    body: Json
