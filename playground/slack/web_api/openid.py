"""«Sign in with Slack»: the page that asks a person, the code it gives, and Slack's signed word for that code."""

import base64
import html
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from playground.slack.core.changes import Json
from playground.slack.core.refusal import Refused
from playground.slack.workspace import Workspace

AUTHORIZE = "/openid/connect/authorize"
KEYS = "/openid/connect/keys"
CLIENT_ID = "1767225600.11152291"
CODE_SECONDS = 600
TOKEN_SECONDS = 300
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in with Slack</title>
<h1>Sign in to the app</h1><form method="post">{hidden}{buttons}</form></html>"""
BUTTON = '<p><button name="person" value="{id}">Continue as {name}</button></p>'
CANCEL = '<p><button name="person" value="">Cancel</button></p>'
ASKED = ("response_type", "scope", "client_id", "redirect_uri", "state", "nonce", "team")


@dataclass
class Code:
    workspace: Workspace
    person: str
    redirect: str
    nonce: str
    until: float
    used: bool = False


@dataclass
class OpenId:
    """``redirects`` are the app's redirect URLs: what is asked for has to begin with one of them.

    For tests: ``claims`` are put over those of the next tokens (None leaves one out), and ``forged`` has them signed by
    somebody else.
    """

    workspace: Workspace
    secret: str
    others: Sequence[Workspace] = ()
    issuer: str = ""
    redirects: list[str] = field(default_factory=list)
    claims: Json = field(default_factory=dict)
    forged: bool = False
    client_id: str = CLIENT_ID
    _codes: dict[str, Code] = field(default_factory=dict)

    @property
    def client_secret(self) -> str:
        return f"local-client{self.secret}"

    def routes(self) -> list[web.RouteDef]:
        return [web.get(AUTHORIZE, self.show), web.post(AUTHORIZE, self.allow), web.get(KEYS, self.keys)]

    async def show(self, request: web.Request) -> web.Response:
        """A button for each person; looking at it does nothing."""
        asked = self._asked(dict(request.query))
        people = self._where(asked).directory.people.values()
        told = [BUTTON.format(id=each.id, name=html.escape(each.name)) for each in people if not each.is_bot]
        hidden = [f'<input type="hidden" name="{name}" value="{html.escape(asked[name])}">' for name in asked]
        text = PAGE.format(hidden="".join(hidden), buttons="".join([*told, CANCEL]))
        return web.Response(text=text, content_type="text/html")

    async def allow(self, request: web.Request) -> web.Response:
        sent = {name: str(value) for name, value in (await request.post()).items()}
        asked, person = self._asked(sent), sent.get("person", "")
        here = self._where(asked)
        if person and person not in here.directory.people:
            raise web.HTTPBadRequest(text="unknown_person")
        back: Json = {"state": asked.get("state", "")}
        if person:
            code, until = secrets.token_hex(24), here.clock() + CODE_SECONDS
            self._codes[code] = Code(here, person, asked["redirect_uri"], asked.get("nonce", ""), until)
            back["code"] = code
        else:
            back["error"] = "access_denied"
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(back)}")

    async def keys(self, request: web.Request) -> web.Response:
        public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return web.json_response({"keys": [{**public, "kid": "local", "use": "sig", "alg": "RS256"}]})

    def app_of(self, authorization: str, args: Json) -> None:
        """Which app asks, by its id and secret."""
        given = (str(args.get("client_id", "")), str(args.get("client_secret", "")))
        if authorization.startswith("Basic "):
            try:
                name, _, secret = base64.b64decode(authorization[6:], validate=True).decode().partition(":")
            except ValueError:
                raise Refused("invalid_auth") from None
            given = (name, secret)
        if given[0] != self.client_id:
            raise Refused("invalid_client_id")
        if given[1] != self.client_secret:
            raise Refused("bad_client_secret")

    def token(self, args: Json) -> Json:
        """``openid.connect.token``: once for each code."""
        if args.get("grant_type", "authorization_code") != "authorization_code":
            raise Refused("invalid_grant_type")
        code = self._codes.get(args["code"])
        if code is None or code.until < self.workspace.clock():
            raise Refused("invalid_code")
        if code.used:
            raise Refused("code_already_used")
        if args.get("redirect_uri") != code.redirect:
            raise Refused("bad_redirect_uri")
        code.used = True
        return {"access_token": f"xoxp-{secrets.token_hex(12)}", "token_type": "Bearer", "id_token": self._signed(code)}

    def _signed(self, code: Code) -> str:
        now = int(self.workspace.clock())
        person = code.workspace.directory.people[code.person]
        said: dict[str, Any] = {
            "iss": self.issuer,
            "sub": code.person,
            "aud": self.client_id,
            "exp": now + TOKEN_SECONDS,
            "iat": now,
            "auth_time": now,
            **({"nonce": code.nonce} if code.nonce else {}),
            "https://slack.com/user_id": code.person,
            "https://slack.com/team_id": person.team or code.workspace.shared.team.id,
            **self.claims,
        }
        said = {name: value for name, value in said.items() if value is not None}
        key = _made("a stranger's") if self.forged else self._key
        return jwt.encode(said, key, algorithm="RS256", headers={"kid": "local"})

    def _asked(self, given: dict[str, str]) -> dict[str, str]:
        """As strict as Slack: the errors are its own, and nobody is sent anywhere."""
        asked = {name: given[name] for name in ASKED if name in given}
        if asked.get("client_id") != self.client_id:
            raise web.HTTPBadRequest(text="invalid_client_id")
        if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").replace(",", " ").split():
            raise web.HTTPBadRequest(text="invalid_scope_requested")
        if not any(asked.get("redirect_uri", "").startswith(each) for each in self.redirects):
            raise web.HTTPBadRequest(text="bad_redirect_uri")
        self._where(asked)
        return asked

    def _where(self, asked: dict[str, str]) -> Workspace:
        """In which a person signs in: that which is asked for, else the first."""
        teams = {each.shared.team.id: each for each in (self.workspace, *self.others)}
        if (here := teams.get(asked.get("team", self.workspace.shared.team.id))) is None:
            raise web.HTTPBadRequest(text="invalid_team_for_non_distributed_app")
        return here

    @property
    def _key(self) -> RSAPrivateKey:
        return _made("Slack's")


@cache
def _made(whose: str) -> RSAPrivateKey:
    """Once a process: it takes longer than most of what is done with it."""
    return generate_private_key(65537, 2048)
