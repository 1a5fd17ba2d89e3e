"""The authorization server as Slack is one: its paths, its answers, and what it refuses."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from tests.support.oauth.asgi import App, Message, answer, read
from tests.support.oauth.lab import Lab

AUTHORIZE, TOKEN = "/oauth/v2_user/authorize", "/api/oauth.v2.user.access"
KIND = "user"


def as_slack(lab: Lab, inner: App, *, nested: bool = False) -> App:
    """``nested``: the token stands in the object of its person alone, as an older answer has it."""
    lab.says_issuer = False
    lab.extra = {
        "authorization_endpoint": lab.origin + AUTHORIZE,
        "token_endpoint": lab.origin + TOKEN,
        "registration_endpoint": None,
        "revocation_endpoint": None,
        "authorization_response_iss_parameter_supported": None,
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    }

    async def app(scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path")
        if path == AUTHORIZE:
            asked = dict(parse_qsl(scope["query_string"].decode()))
            if "user_scope" in asked or not asked.get("scope") or asked.get("code_challenge_method") != "S256":
                await answer(send, 400, {"ok": False, "error": "invalid_scope"})
                return
            await inner({**scope, "path": "/authorize"}, receive, send)
        elif path == TOKEN:
            body, receive = await read(receive)
            if not re.search(rb"(^|&)client_secret=.", body):
                await answer(send, 200, {"ok": False, "error": "bad_client_secret"})
                return
            status, told = await _heard(inner, {**scope, "path": "/token"}, receive)
            await answer(send, 200, _written(told, nested=nested) if status == 200 else {"ok": False, **told})
        else:
            await inner(scope, receive, send)

    return app


def _written(told: dict[str, Any], *, nested: bool) -> dict[str, Any]:
    token = {name: told[name] for name in ("access_token", "refresh_token", "expires_in")} | {"token_type": KIND}
    person = {"id": "U1", "scope": told["scope"].replace(" ", ",")}
    if nested:
        bot = {"access_token": "xoxb-of-the-app", "token_type": "bot", "scope": "commands"}
        return {"ok": True, "app_id": "A1", **bot, "authed_user": {**person, **token}}
    return {"ok": True, "app_id": "A1", **token, "scope": "", "authed_user": person}


async def _heard(inner: App, scope: Any, receive: Any) -> tuple[int, dict[str, Any]]:
    status, body = 0, b""

    async def send(message: Message) -> None:
        nonlocal status, body
        status = message.get("status", status)
        body += message.get("body", b"")

    await inner(scope, receive, send)
    return status, json.loads(body)
