"""Slackbot at the MCP server: its requests are signed by Slack, and say for whom they are made.

https://docs.slack.dev/ai/slackbot-mcp-client («Slack identity auth»): the signature is that of events, by the app's
signing secret; ``params._meta.slack`` has ``user_id``, ``team_id`` and, of an organisation, ``enterprise_id``.
"""

import asyncio
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.services.tokens.access import Caller
from bot.services.tokens.scopes import OF_SLACKBOT
from bot.web.edge import answers
from bot.web.edge.context import SERVICES, SlackbotDoor
from bot.web.edge.guards import BODY_SECONDS
from storage.members import Member

SIGNATURE, STAMP = "X-Slack-Signature", "X-Slack-Request-Timestamp"
BEARER = {"Authorization": "Bearer slackbot"}
"""For the app behind, which asks for one; whose request it is, is known from the signature alone."""
UNSIGNED = "This is not signed by Slack, or too old."
FOR_NOBODY = "Slack did not say for whom this is asked."
NOT_SERVED = "Usher does not serve this member, or Slack does not say whether it may."
REPEATED = "This request came before."
NOBODYS = frozenset({"initialize", "notifications/initialized", "server/discover", "ping", "tools/list"})
"""What Slack may ask for no member: the same for all."""
_STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_ID = re.compile(r"[A-Z][A-Z0-9]{1,40}", re.ASCII)


@dataclass(frozen=True)
class Signed:
    """A request of Slack's, and for whom it is made; for nobody, when it only looks which tools there are."""

    body: bytes
    caller: Caller


async def signed(request: web.Request, door: SlackbotDoor | None) -> Signed:
    """Raises the refusal of what is not Slack's, is for nobody whom Usher serves, or came before."""
    signature, stamp = request.headers.get(SIGNATURE, ""), request.headers.get(STAMP, "")
    if door is None or not _STAMP.fullmatch(stamp) or not signature.isascii():
        raise answers.refusal(request, 401, "unsigned", UNSIGNED)
    body = await _body(request)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise answers.refusal(request, 400, "body") from None
    if not door.is_slacks(text, stamp, signature):
        raise answers.refusal(request, 401, "unsigned", UNSIGNED)
    return Signed(body, await _caller(request, door, _message(request, text), signature))


async def _caller(request: web.Request, door: SlackbotDoor, message: dict[str, Any], signature: str) -> Caller:
    who = _who(message)
    if who is None:
        if message.get("method") not in NOBODYS:
            raise answers.refusal(request, 401, "nobody", FOR_NOBODY)
        return Caller("slackbot", Member("", ""), OF_SLACKBOT)
    member, team = who
    caller = await door.tokens.caller(member)
    if caller is None:
        raise answers.refusal(request, 403, "not_served", NOT_SERVED)
    # Whoever has seen a signed request could send it again for five minutes: what is called is done once.
    once = f"slackbot:{hashlib.sha256(signature.encode()).hexdigest()}"
    async with request.app[SERVICES].db.begin() as tables:
        if message.get("method") == "tools/call" and not await tables.handled.first_time(member.workspace, once):
            raise answers.refusal(request, 409, "repeated", REPEATED)
    return Caller(caller.token_id, member, caller.scopes, team)


def _who(message: dict[str, Any]) -> tuple[Member, str] | None:
    """By the words that Slack has signed; an organisation is one workspace to Usher, as it is in events."""
    found: Any = message
    for name in ("params", "_meta", "slack"):
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        return None
    user, team, enterprise = (found.get(name) for name in ("user_id", "team_id", "enterprise_id"))
    if not all(isinstance(each, str) and _ID.fullmatch(each) for each in (user, team)):
        return None
    whole = enterprise if isinstance(enterprise, str) and _ID.fullmatch(enterprise) else team
    return Member(str(whole), str(user)), str(team)


def _message(request: web.Request, text: str) -> dict[str, Any]:
    """One message: of a batch, the first could speak for one member and the next for another."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise answers.refusal(request, 400, "body")
    return found


async def _body(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError:
        raise answers.refusal(request, 408, "too_slow") from None
