"""How a request is let in, read, done and answered: alike for all operations."""

import asyncio
import hashlib
import json
import time
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ValidationError

from bot.errors import UserError
from bot.services.tokens.access import AccessTokens, Caller
from bot.services.tokens.pace import MINUTE, key_of
from bot.services.tokens.repeats import LONGEST, SHORTEST, Answered, Repeats, Request
from bot.web.api.operations import Asked, Operation
from bot.web.api.problems import Refusal, refusal_of, too_many
from bot.web.edge import callers, headers
from bot.web.edge.context import SERVICES, SITE, STOPPING
from bot.web.edge.guards import BODY_SECONDS
from storage.members import BY_TOKEN

POLICY = f'"default";q={MINUTE.burst};w=60'
KEY = "Idempotency-Key"
BEARER = {"WWW-Authenticate": 'Bearer realm="usher"'}


def handler(operation: Operation) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        if request.app[STOPPING].is_set():
            raise Refusal(503, "Usher starts anew. Try again.", sent={"Retry-After": "3"})
        token, caller = await _caller(request)
        limits = await _paced(request, caller)
        try:
            await _may(request, operation, caller)
            answered = await _answered(request, operation, caller, token)
        except (UserError, Refusal) as error:
            refused = error if isinstance(error, Refusal) else refusal_of(error)
            refused.sent |= limits
            raise refused from error
        sent = headers.answer(request.app[SITE].https) | {"Content-Type": "application/json; charset=utf-8"} | limits
        return web.Response(body=answered.body, status=answered.status, headers=sent)

    return handle


async def _caller(request: web.Request) -> tuple[str, Caller]:
    site = request.app[SITE]
    prefix = callers.caller(request, site.proxies)
    if (wait := site.misses.wait(prefix)) > 0:  # of somebody who tries tokens one after another
        raise too_many(wait, "Too many requests without a valid token.")
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    found = await _tokens(request).caller(token.strip()) if kind.lower() == "bearer" else None
    if found is None:
        site.misses.count(prefix)
        raise Refusal(401, "Send an access token as a bearer. You make one in Usher's Home tab in Slack.", sent=BEARER)
    return token.strip(), found


def _tokens(request: web.Request) -> AccessTokens:
    new_tokens = request.app[SERVICES].new_tokens
    if new_tokens is None:
        raise web.HTTPNotFound
    return new_tokens.tokens


async def _paced(request: web.Request, caller: Caller) -> dict[str, str]:
    """The headers that tell what is left; raises where nothing is."""
    async with request.app[SERVICES].db.begin() as tables:
        verdict = await tables.rates.take(key_of(caller), MINUTE, time.time_ns() // 1_000)
    told = {"RateLimit-Policy": POLICY, "RateLimit": f'"default";r={verdict.left};t=60'}
    if not verdict.allowed:
        refused = too_many(verdict.retry_after, f"A token may ask {MINUTE.burst} times a minute.")
        refused.sent |= told
        raise refused
    return told


async def _may(request: web.Request, operation: Operation, caller: Caller) -> None:
    tokens = _tokens(request)
    if operation.scope is not None and operation.scope not in caller.scopes:
        await tokens.refused(caller, operation.name)
        raise Refusal(403, f"This token lacks the scope {operation.scope}.")
    if operation.admins and not await tokens.people.is_admin(caller.member):
        await tokens.refused(caller, operation.name)
        raise Refusal(403, "Only admins of the workspace may ask this.")


async def _still(request: web.Request, token: str) -> None:
    """Whoever revokes a token means what is under way too: a body may have been long in coming."""
    if await _tokens(request).caller(token) is None:
        raise Refusal(401, "This token has been revoked, or has ended. Nothing was done.", sent=BEARER)


async def _answered(request: web.Request, operation: Operation, caller: Caller, token: str) -> Answered:
    body = await _body(request) if operation.body else b""
    if operation.body:
        await _still(request, token)
    query = _query(operation, request)
    sent = _read(operation.body, _json(request, body)) if operation.body else None
    key = _key(request) if operation.method == "POST" else ""
    once = f"api:{caller.token_id}:{key}" if key else ""
    asked = Asked(request.app[SERVICES], caller, request.match_info, query, sent, once)
    if not key:
        return await _done(operation, asked)
    repeats = Repeats(request.app[SERVICES].db)
    whole = b"\0".join((operation.method.encode(), request.rel_url.raw_path.encode(), body))
    repeated = Request(caller, key, hashlib.sha256(whole).digest())
    if before := await repeats.begin(repeated, token):
        return before
    try:
        answered = await _done(operation, asked)
    except (UserError, Refusal):
        await repeats.give_up(repeated)
        raise
    await repeats.end(repeated, token, answered)
    return answered


async def _done(operation: Operation, asked: Asked) -> Answered:
    by = BY_TOKEN.set(asked.caller.token_id)
    try:
        answer = await operation.run(asked)
    finally:
        BY_TOKEN.reset(by)
    return Answered(operation.status, answer.model_dump_json().encode())


def _key(request: web.Request) -> str:
    key = request.headers.get(KEY, "")
    if KEY in request.headers and not (SHORTEST <= len(key) <= LONGEST and key.isascii() and key.isprintable()):
        raise Refusal(422, f"It has {SHORTEST} to {LONGEST} letters.", {KEY: "Too short, too long, or not plain text."})
    return key


def _query(operation: Operation, request: web.Request) -> BaseModel | None:
    if len(set(request.query)) != len(request.query):
        raise Refusal(422, "Something is asked twice.", {"query": "Give each parameter once."})
    if operation.query is None:
        if request.query:
            raise Refusal(422, "Nothing can be asked here so.", dict.fromkeys(request.query, "Not known here."))
        return None
    return _read(operation.query, dict(request.query))


async def _body(request: web.Request) -> bytes:
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() != "utf-8":
        raise Refusal(415, "Send application/json in UTF-8.")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError:
        raise Refusal(408, "The body did not arrive.") from None


def _json(request: web.Request, body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "The body is not JSON.") from error


def _read(model: type[BaseModel], given: Any) -> BaseModel:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        wrong = {".".join(map(str, each["loc"])) or "body": each["msg"] for each in error.errors()}
        raise Refusal(422, "Some fields are not acceptable.", wrong) from error
