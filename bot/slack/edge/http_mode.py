"""HTTP mode: what Bolt would stumble over is refused before it."""

import asyncio
import logging
import re
from collections.abc import Sequence

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

log = logging.getLogger(__name__)

PATH = "/slack/events"
MOST_BYTES = 1 << 20
BODY_SECONDS = 10.0
"""For all of a body, of which nobody knows yet whether it is Slack's."""
_STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


def routes(app: AsyncApp, signing_secret: str) -> list[web.RouteDef]:
    """Raises ValueError without a secret: nothing could be told from a forgery."""
    if not signing_secret:
        raise ValueError("HTTP mode needs SLACK_SIGNING_SECRET")
    verifier = SignatureVerifier(signing_secret)

    async def events(request: web.Request) -> web.Response:
        refusal, body = await _read(request, verifier)
        if refusal:
            return web.Response(status=refusal)
        bolt = _understood(request, body)
        if bolt is None:
            return web.Response(status=400)
        return await to_aiohttp_response(await app.async_dispatch(bolt))

    return [web.post(PATH, events)]


async def _read(request: web.Request, verifier: SignatureVerifier) -> tuple[int, str]:
    """The status of a refusal, or 0 and the body."""
    stamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    if not _STAMP.fullmatch(stamp) or not signature.isascii() or not signature:
        return 401, ""
    try:
        # The limit is of the route: what Slack sends of a full Home tab is more than any guest may.
        async with asyncio.timeout(BODY_SECONDS):
            raw = await request.clone(client_max_size=MOST_BYTES).read()
    except TimeoutError:
        return 408, ""
    except web.HTTPRequestEntityTooLarge:
        return 413, ""
    try:
        body = raw.decode()
    except UnicodeDecodeError:
        return 400, ""
    if not verifier.is_valid(body, stamp, signature):  # nor when it is older than five minutes
        return 401, ""
    return 0, body


def _understood(request: web.Request, body: str) -> AsyncBoltRequest | None:
    """None for what is no JSON, or JSON of another shape than Slack's: Bolt raises while it reads such."""
    headers: dict[str, str | Sequence[str]] = dict(request.headers)
    try:
        return AsyncBoltRequest(body=body, query=request.query_string, headers=headers)
    except (ValueError, RecursionError, AttributeError, TypeError, LookupError) as error:
        log.warning("a signed request was not understood: %s", type(error).__name__)
        return None
