"""Installing the app by OAuth: the page that asks a person, its code, tokens for that code, and their renewal."""

import html
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from aiohttp import web

from playground.slack.core.changes import Json
from playground.slack.core.ids import APP, APP_USER
from playground.slack.core.people import OWNER
from playground.slack.core.refusal import Refused
from playground.slack.core.store import Store
from playground.slack.web_api.openid import OpenId
from playground.slack.workspace import Workspace

AUTHORIZE = "/oauth/v2/authorize"
CODE_SECONDS, TOKEN_SECONDS = 600, 43_200
TOKEN = "oauth_token"  # noqa: S105  a kind of what is kept
ASKED = ("client_id", "scope", "redirect_uri", "state")
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Install the app</title>
<h1>Install {app}</h1><p>It asks for: {scopes}</p><form method="post">{hidden}{buttons}</form></html>"""
BUTTON = '<p><button name="team" value="{id}">Allow in {name}</button></p>'
CANCEL = '<p><button name="team" value="">Cancel</button></p>'


@dataclass
class Grant:
    """What a code, or a refresh token, is good for."""

    workspace: Workspace
    redirect: str
    scopes: str
    until: float
    used: bool = False


@dataclass
class Held:
    """A bot token; ``until`` 0: it lives until it is revoked."""

    workspace: Workspace
    until: float = 0.0


@dataclass
class Installing:
    """``tokens`` are all that were ever given, by what they open; those revoked or over are told apart as Slack does.

    ``rotates``: tokens live for twelve hours, and come with a refresh token that works once.
    """

    openid: OpenId
    workspaces: Sequence[Workspace]
    rotates: bool = False
    tokens: dict[str, Held] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    _codes: dict[str, Grant] = field(default_factory=dict)
    _refresh: dict[str, Grant] = field(default_factory=dict)

    def take_up(self) -> None:
        """What was given before a restart holds on."""
        teams = {each.shared.team.id: each for each in self.workspaces}
        for token, kept in self._store.of(TOKEN).items():
            here = teams.get(str(kept["team"]))
            if here is None:
                continue
            self.tokens[token] = Held(here, float(kept["until"]))
            if kept["refresh"]:
                self._refresh[str(kept["refresh"])] = Grant(here, "", str(kept["scopes"]), 0.0)
            here.installed(org_wide=here.directory.org_wide)

    @property
    def _store(self) -> Store:
        return self.workspaces[0].store

    def routes(self) -> list[web.RouteDef]:
        return [web.get(AUTHORIZE, self.show), web.post(AUTHORIZE, self.allow)]

    async def show(self, request: web.Request) -> web.Response:
        """A button for each workspace; looking at it does nothing."""
        asked = self._asked(dict(request.query))
        teams = [each.shared.team for each in self.workspaces]
        told = [BUTTON.format(id=each.id, name=html.escape(each.name)) for each in teams]
        hidden = [f'<input type="hidden" name="{name}" value="{html.escape(asked[name])}">' for name in asked]
        text = PAGE.format(
            app=html.escape(self.workspaces[0].app.name),
            scopes=html.escape(asked["scope"]),
            hidden="".join(hidden),
            buttons="".join([*told, CANCEL]),
        )
        return web.Response(text=text, content_type="text/html")

    async def allow(self, request: web.Request) -> web.Response:
        sent = {name: str(value) for name, value in (await request.post()).items()}
        asked, team = self._asked(sent), sent.get("team", "")
        back: Json = {"state": asked.get("state", "")}
        if team:
            back["code"] = self.code(self._of(team), asked["redirect_uri"], asked["scope"])
        else:
            back["error"] = "access_denied"
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(back)}")

    def code(self, workspace: Workspace, redirect: str, scopes: str) -> str:
        code = secrets.token_hex(24)
        self._codes[code] = Grant(workspace, redirect, scopes, workspace.clock() + CODE_SECONDS)
        return code

    def access(self, args: Json) -> Json:
        """``oauth.v2.access``: once for each code, and once for each refresh token."""
        if args.get("grant_type") == "refresh_token":
            return self._again(str(args.get("refresh_token") or ""))
        grant = self._codes.get(str(args.get("code") or ""))
        if grant is None or grant.until < grant.workspace.clock():
            raise Refused("invalid_code")
        if grant.used:
            raise Refused("code_already_used")
        if args.get("redirect_uri") != grant.redirect:
            raise Refused("bad_redirect_uri")
        grant.used = True
        grant.workspace.installed(org_wide=grant.workspace.directory.org_wide)
        return self._tokens(grant) | {"authed_user": {"id": OWNER}}

    def _again(self, refresh: str) -> Json:
        grant = self._refresh.get(refresh)
        if grant is None or grant.used:
            raise Refused("invalid_refresh_token")
        grant.used = True
        for token, kept in self._store.of(TOKEN).items():
            if kept["refresh"] == refresh:  # works no more, though the token that it came with does
                self._store.put(TOKEN, token, {**kept, "refresh": ""})
        return self._tokens(grant)

    def _tokens(self, grant: Grant) -> Json:
        here, name = grant.workspace, secrets.token_hex(12)
        token = f"xoxe.xoxb-1-{name}" if self.rotates else f"xoxb-{name}"
        until = here.clock() + TOKEN_SECONDS if self.rotates else 0.0
        self.tokens[token] = Held(here, until)
        fresh: Json = {}
        kept: Json = {"team": here.shared.team.id, "until": until, "refresh": "", "scopes": grant.scopes}
        if self.rotates:
            refresh = f"xoxe-1-{secrets.token_hex(12)}"
            self._refresh[refresh] = Grant(here, grant.redirect, grant.scopes, 0.0)
            fresh = {"refresh_token": refresh, "expires_in": TOKEN_SECONDS}
            kept["refresh"] = refresh
        self._store.put(TOKEN, token, kept)
        team, enterprise = here.shared.team, here.directory.enterprise
        org_wide = here.directory.org_wide
        return {
            "access_token": token,
            "token_type": "bot",
            "scope": grant.scopes,
            "bot_user_id": APP_USER,
            "app_id": APP,
            "team": None if org_wide else {"id": team.id, "name": team.name},
            "enterprise": {"id": enterprise, "name": "Local enterprise"} if enterprise else None,
            "is_enterprise_install": org_wide,
            **fresh,
        }

    def opened(self, token: str) -> Workspace | None:
        """The workspace of a token that was given here; raises `Refused` for one that opens nothing any more."""
        held = self.tokens.get(token)
        if held is None:
            return None
        if token in self.revoked:
            raise Refused("token_revoked")
        if held.until and held.until < held.workspace.clock():
            raise Refused("token_expired")
        return held.workspace

    def revoke(self, token: str) -> bool:
        found = token in self.tokens
        self.revoked.add(token)
        self._store.drop(TOKEN, token)
        return found

    def removed_from(self, workspace: Workspace) -> None:
        """All its tokens are worth nothing from now on, and their refresh tokens neither."""
        for token in [token for token, held in self.tokens.items() if held.workspace is workspace]:
            self.revoke(token)
        for grant in self._refresh.values():
            grant.used = grant.used or grant.workspace is workspace

    def _of(self, team: str) -> Workspace:
        found = next((each for each in self.workspaces if each.shared.team.id == team), None)
        if found is None:
            raise web.HTTPBadRequest(text="unknown_team")
        return found

    def _asked(self, given: dict[str, str]) -> dict[str, str]:
        """As strict as Slack: the errors are its own, and nobody is sent anywhere."""
        asked = {name: given[name] for name in ASKED if name in given}
        if asked.get("client_id") != self.openid.client_id:
            raise web.HTTPBadRequest(text="invalid_client_id")
        granted, wanted = self.workspaces[0].app.scopes, set(asked.get("scope", "").split(",")) - {""}
        if not wanted or (granted is not None and not wanted <= granted):
            raise web.HTTPBadRequest(text="invalid_scope_requested")
        if not any(asked.get("redirect_uri", "").startswith(each) for each in self.openid.redirects):
            raise web.HTTPBadRequest(text="bad_redirect_uri")
        return asked
