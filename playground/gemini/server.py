"""A Gemini REST server on loopback: it answers the real client, and refuses what Google refuses."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Self

from aiohttp import web

from playground.gemini import embeddings
from playground.gemini.models import METHODS, MODELS, LocalModel
from playground.gemini.rules import objection
from playground.gemini.script import Asked, Break, Failure, Reply
from playground.gemini.signatures import Signatures
from playground.gemini.wire import Json

Answering = Callable[[Json, Callable[[], bytes]], Reply]
"""From a request's body, and a way to make signatures, to what the model says."""

NO_KEY = Failure(
    403,
    "PERMISSION_DENIED",
    "Method doesn't allow unregistered callers (callers without established identity).",
)
BAD_KEY = Failure(
    400,
    "INVALID_ARGUMENT",
    "API key not valid. Please pass a valid API key.",
    [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}],
)
REMEMBERED = 1_000  # requests
NO_MORE = Failure(400, "FAILED_PRECONDITION", "the script is empty")

MOST_BYTES = 20 * 2**20
TOO_LARGE = f"Request payload size exceeds the limit: {MOST_BYTES} bytes."


class LocalGemini:
    """Says what is on `script`, in order; then what ``answering`` makes up, if there is one.

    ``pace``: chunks a second of a stream, None: at once. ``keys``: those that are accepted, None: any.
    """

    def __init__(
        self, answering: Answering | None = None, *, pace: float | None = None, keys: set[str] | None = None
    ) -> None:
        self.answering = answering
        self.pace = pace
        self.keys = keys
        self.script: deque[Reply | Failure] = deque()
        self.asked: list[Asked] = []
        self.refusing: deque[Failure] = deque()
        """What requests for embeddings are answered with, first."""
        self.embedded: list[list[str]] = []
        """The texts of each batch that was embedded."""
        self.retired: set[str] = set()
        self.signatures = Signatures()
        self.hung_up = asyncio.Event()
        self.url = ""

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_get("/{version:v1|v1beta}/models", self._models)
        app.router.add_get("/{version:v1|v1beta}/models/{name}", self._model)
        app.router.add_post("/{version:v1|v1beta}/models/{target}", self._generate)
        # Without handler_cancellation a client that leaves goes unnoticed.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}"

    async def close(self) -> None:
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def _models(self, request: web.Request) -> web.Response:
        if refused := self._key_refused(request):
            return refused.response
        return web.json_response({"models": [m.resource for m in MODELS.values() if m.name not in self.retired]})

    async def _model(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if refused := self._key_refused(request):
            return refused.response
        model = self._known(name)
        return web.json_response(model.resource) if model else _unknown(name, "get").response

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        name, _, verb = request.match_info["target"].rpartition(":")
        try:
            body = await request.json(loads=partial(json.loads, parse_constant=_no_constant))
        except ValueError:
            return Failure(400, "INVALID_ARGUMENT", "Invalid JSON payload received.").response
        except web.HTTPRequestEntityTooLarge:
            return Failure(400, "INVALID_ARGUMENT", TOO_LARGE).response
        if verb == embeddings.VERB and name in embeddings.MODELS:
            return self._embed(request, name, body)
        del self.asked[:-REMEMBERED]
        self.asked.append(Asked(request.path, dict(request.query), dict(request.headers), body))
        model = self._known(name)
        refused = self._key_refused(request) or self._refusal(request, model, name, verb, body)
        if refused or not model:
            return (refused or _unknown(name, verb)).response
        if verb == "countTokens":
            return web.json_response({"totalTokens": _tokens(body)})
        reply = self._reply(body, model)
        if isinstance(reply, Failure):
            return reply.response
        return await (self._stream if verb == "streamGenerateContent" else self._whole)(request, reply, name)

    def _embed(self, request: web.Request, name: str, body: Json) -> web.Response:
        """Refused as often as `refusing` says; what was asked is counted apart from what is said."""
        refused = self._key_refused(request) or (self.refusing.popleft() if self.refusing else None)
        answer = refused or (_unknown(name, "embed") if name in self.retired else embeddings.embedded(name, body))
        if isinstance(answer, Failure):
            return answer.response
        self.embedded.append([str(each["content"]["parts"][0]["text"]) for each in body["requests"]])
        del self.embedded[:-REMEMBERED]
        return web.json_response(answer)

    def _known(self, name: str) -> LocalModel | None:
        return None if name in self.retired else MODELS.get(name)

    def _key_refused(self, request: web.Request) -> Failure | None:
        key = request.headers.get("x-goog-api-key") or request.query.get("key")
        if not key:
            return NO_KEY
        return BAD_KEY if self.keys is not None and key not in self.keys else None

    def _refusal(
        self, request: web.Request, model: LocalModel | None, name: str, verb: str, body: Json
    ) -> Failure | None:
        if verb not in METHODS or model is None:
            return _unknown(name, verb)
        if verb == "streamGenerateContent" and request.query.get("alt") != "sse":
            return Failure(400, "INVALID_ARGUMENT", "this server streams with alt=sse only")
        if verb != "countTokens" and (complaint := objection(body, model, self.signatures)):
            return Failure(400, "INVALID_ARGUMENT", complaint)
        return None

    def _reply(self, body: Json, model: LocalModel) -> Reply | Failure:
        if not self.script:
            return self.answering(body, lambda: self.signatures.sign(model.name)) if self.answering else NO_MORE
        reply = self.script.popleft()
        if isinstance(reply, Reply):
            self.signatures.remember([part for step in reply.steps if isinstance(step, list) for part in step])
        return reply

    async def _whole(self, request: web.Request, reply: Reply, model: str) -> web.StreamResponse:
        parts: list[Json] = []
        for step in reply.steps:
            if isinstance(step, Failure):
                return step.response
            if isinstance(step, Break):
                await self._break(request, step)
            else:
                parts += step
        return web.json_response(reply.chunk(parts, True, model))

    async def _stream(self, request: web.Request, reply: Reply, model: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for i, step in enumerate(reply.steps):
            if isinstance(step, Break):
                await self._break(request, step)
                break
            if i and self.pace:
                await asyncio.sleep(1 / self.pace)
            last = i == len(reply.steps) - 1
            event = step.body if isinstance(step, Failure) else reply.chunk(step, last, model)
            await response.write(b"data: " + json.dumps(event).encode() + b"\r\n\r\n")
            if isinstance(step, Failure):
                break
        return response

    async def _break(self, request: web.Request, kind: Break) -> None:
        if kind is Break.CUT:
            if request.transport:
                request.transport.abort()
            return
        try:
            await asyncio.Event().wait()
        finally:
            self.hung_up.set()


def _unknown(model: str, verb: str) -> Failure:
    words = f"models/{model} is not found for this API version, or is not supported for {verb}."
    return Failure(404, "NOT_FOUND", words)


def _tokens(body: Json) -> int:
    contents = body.get("contents") or []
    return sum(len(part.get("text", "")) // 4 + 1 for content in contents for part in content.get("parts") or [])


def _no_constant(name: str) -> None:
    """NaN and Infinity, which Python's reader would take."""
    raise ValueError(name)
