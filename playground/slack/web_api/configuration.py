"""Apps made and changed from manifests, by whoever holds a configuration token.

``apps.developerInstall`` is not among Slack's published methods; its own command line installs apps by it.
"""

import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

from playground.slack.core.changes import Json
from playground.slack.core.ids import APP, TEAM, new_id
from playground.slack.core.installed_app import installed
from playground.slack.core.manifest_rules import complaints
from playground.slack.core.people import LOCAL, OWNER
from playground.slack.core.refusal import Refused
from playground.slack.workspace import Workspace

LIVES = 12 * 3600
"""Seconds of an access token."""


@dataclass
class MadeApp:
    manifest: Json
    credentials: Json
    app_token: bool = False
    """Somebody has made an app-level token."""
    granted: frozenset[str] | None = None
    """The scopes of its installation; None: it is not installed."""


@dataclass
class Configuration:
    """``bot`` and ``app`` are the tokens of the workspace's own app, good once it is installed and one was made."""

    workspace: Workspace
    bot: str
    app: str
    secret: str = ""
    lenient: bool = False
    """There is an app that nobody described: its tokens are good."""
    apps: dict[str, MadeApp] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._spent: set[str] = set()
        self._issue()

    def _issue(self) -> None:
        now = int(self.workspace.clock())
        self.token = f"xoxe.xoxp-1-local{secrets.token_hex(20)}{self.secret}"
        self.refresh_token = f"xoxe-1-local{secrets.token_hex(20)}{self.secret}"
        self.issued, self.until = now, now + LIVES

    # --- what a person does in the app's settings
    def is_there(self, manifest: Json, granted: frozenset[str]) -> None:
        """The workspace's app, as somebody made and installed it."""
        self.apps[APP] = MadeApp(manifest, _credentials(), app_token=True, granted=granted)

    def person_installs(self) -> str:
        """«Install to workspace», «Allow»: the bot token that the page then shows."""
        self._install(APP)
        return self.bot

    def person_makes_app_token(self) -> str:
        """«Generate Token and Scopes» with ``connections:write``."""
        self.apps[APP].app_token = True
        return self.app

    # --- tokens
    def accepts(self, token: str) -> bool:
        """Whether it is the bot's or the app's, and good by now."""
        if (ours := self.apps.get(APP)) is None:
            return self.lenient
        return ours.granted is not None if token == self.bot else ours.app_token

    def require(self, token: str) -> None:
        if token in (self.bot, self.app):
            raise Refused("not_allowed_token_type")
        if token in self._spent:
            raise Refused("token_revoked")
        if token != self.token:
            raise Refused("invalid_auth" if token else "not_authed")
        if self.until <= self.workspace.clock():
            raise Refused("token_expired")

    def rotate(self, args: Json) -> Json:
        if args["refresh_token"] != self.refresh_token:
            raise Refused("invalid_refresh_token")
        self._spent.add(self.token)
        self._issue()
        who: Json = {"team_id": TEAM, "user_id": OWNER, "iat": self.issued, "exp": self.until}
        return {"token": self.token, "refresh_token": self.refresh_token, **who}

    def whoami(self, args: Json) -> Json:
        url = f"https://{LOCAL.domain}.slack.com/"
        return {"url": url, "team": LOCAL.name, "user": "owner", "team_id": TEAM, "user_id": OWNER}

    # --- apps.manifest.*
    def create(self, args: Json) -> Json:
        manifest = _checked(args["manifest"])
        app_id = new_id("A") if APP in self.apps else APP
        self.apps[app_id] = app = MadeApp(manifest, _credentials())
        scopes = ",".join(_scopes(manifest))
        authorize = f"https://slack.com/oauth/v2/authorize?client_id={app.credentials['client_id']}&scope={scopes}"
        where = {"team_id": TEAM, "team_domain": LOCAL.domain}
        return {"app_id": app_id, "credentials": app.credentials, "oauth_authorize_url": authorize, **where}

    def update(self, args: Json) -> Json:
        app, manifest = self._of(args), _checked(args["manifest"])
        changed = _scopes(app.manifest) != _scopes(manifest)
        app.manifest = manifest
        if args["app_id"] == APP and app.granted is not None:
            self.workspace.install(replace(installed(manifest), scopes=app.granted))
        return {"app_id": args["app_id"], "permissions_updated": changed}

    def export(self, args: Json) -> Json:
        return {"manifest": json.loads(json.dumps(self._of(args).manifest))}

    def validate(self, args: Json) -> Json:
        if args.get("app_id"):
            self._of(args)
        _checked(args["manifest"])
        return {"errors": []}

    def install(self, args: Json) -> Json:
        app = self._of(args)
        wanted = args["bot_scopes"]
        if not isinstance(wanted, list) or not set(wanted) <= set(_scopes(app.manifest)):
            raise Refused("invalid_scopes")
        if args.get("team_id", TEAM) != TEAM:
            raise Refused("app_approval_request_eligible", team_id=args["team_id"])
        if args["app_id"] != APP:
            raise Refused("restricted_action")  # one app at a time lives in this workspace
        self._install(APP)
        app.app_token = True
        issued = {"bot": self.bot, "app_level": self.app, "user": ""}
        return {"app_id": APP, "api_access_tokens": issued, "team_id": TEAM}

    def _install(self, app_id: str) -> None:
        app = self.apps[app_id]
        app.granted = frozenset(_scopes(app.manifest))
        self.workspace.install(installed(app.manifest))

    def _of(self, args: Json) -> MadeApp:
        app_id = str(args["app_id"])
        if not (app_id.startswith("A") and app_id.isalnum()):
            raise Refused("invalid_app_id")
        if app_id not in self.apps:
            raise Refused("app_not_found")
        return self.apps[app_id]


def _checked(given: Any) -> Json:
    """An object, or its JSON; as strict as Slack."""
    try:
        manifest = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        raise Refused("invalid_manifest", errors=[{"message": "not valid JSON", "pointer": "/"}]) from None
    if found := complaints(manifest):
        raise Refused("invalid_manifest", errors=found)
    return dict(manifest)


def _scopes(manifest: Json) -> list[str]:
    return list(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ()))


def _credentials() -> Json:
    plain = {"client_id": "1767225600.11152291", "client_secret": secrets.token_hex(16)}
    return {**plain, "verification_token": secrets.token_hex(12), "signing_secret": secrets.token_hex(16)}
