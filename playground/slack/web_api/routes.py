"""The Web API over HTTP: arguments from query, form and JSON; tokens told apart; errors as Slack answers them."""

import hmac
import json
from collections import deque
from typing import NamedTuple

from aiohttp import web

from playground.slack.core.changes import Json
from playground.slack.core.ids import APP
from playground.slack.core.refusal import Refused
from playground.slack.web_api.configuration import Configuration
from playground.slack.web_api.installing import Installing
from playground.slack.web_api.methods import Method, methods_of
from playground.slack.web_api.tiers import TIER_1, Tiers
from playground.slack.workspace import Workspace

JSON_ARGS = {"attachments", "files", "blocks", "view", "chunks", "prompts", "metadata", "loading_messages"}
READING = ("conversations.history", "conversations.replies")
CALLS_KEPT = 20_000


class Call(NamedTuple):
    method: str
    args: Json


class Tokens(NamedTuple):
    """Of the app, for this workspace alone."""

    bot: str
    app: str


def tokens(secret: str) -> Tokens:
    return Tokens(f"xoxb-local-bot{secret}", f"xapp-1-{APP}-local{secret}")


class Broken(Exception):
    """500 with a gateway's page, or with ``cut`` no answer at all; ``done``: the call has happened all the same."""

    def __init__(self, *, cut: bool = False, done: bool = False) -> None:
        super().__init__(cut, done)
        self.cut, self.done = cut, done


class Limited(Exception):
    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class WebApi:
    def __init__(
        self,
        workspace: Workspace,
        tiers: Tiers,
        tokens: Tokens,
        installing: Installing,
        configuration: Configuration,
    ) -> None:
        """``tokens`` of which the bot's is empty: it has only those that OAuth gives."""
        self._workspace, self._tiers, self._tokens = workspace, tiers, tokens
        self._methods = methods_of(workspace, installing, configuration)
        self._installing, self._openid, self._configuration = installing, installing.openid, configuration
        self.reads_seldom = False
        self._seldom = Tiers(workspace.clock, 1.0)
        self._made_up: dict[str, list[Refused | Limited | Broken]] = {}
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)

    def make_up(self, method: str, failure: Refused | Limited | Broken, times: int) -> None:
        """Let the next calls of a method fail."""
        self._made_up.setdefault(method, []).extend([failure] * times)

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        try:
            args, token = await arguments(request)
            self.calls.append(Call(name, args))
            answer = {"ok": True, **self._answer(name, args, token)}
        except Limited as limited:
            headers = {"Retry-After": str(limited.seconds)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        except Broken as broken:
            if broken.cut and request.transport:
                request.transport.close()
            return web.Response(status=500, text="<html>Server Error</html>", content_type="text/html")
        except Refused as refusal:
            self._workspace.shared.refused(name, refusal)
            answer = {"ok": False, "error": refusal.error, **refusal.more}
            if refusal.messages:
                answer["response_metadata"] = {"messages": refusal.messages}
        finally:
            self._workspace.feed.pulse()
        scopes = self._workspace.app.scopes
        return web.json_response(answer, headers={"X-OAuth-Scopes": ",".join(sorted(scopes))} if scopes else None)

    async def respond(self, request: web.Request) -> web.Response:
        """What is posted to a response URL."""
        if made_up := self._made_up.get("response_url"):
            failure = made_up.pop(0)
            waits = {"Retry-After": str(failure.seconds)} if isinstance(failure, Limited) else None
            return web.Response(status=429 if waits else 500, headers=waits)
        try:
            response = self._workspace.triggers.use(request.match_info["key"])
            body = await _json_of(request)
            self.calls.append(Call("response_url", body))
            self._workspace.responses.show(response, body)
        except Refused as refusal:
            self._workspace.shared.refused("response_url", refusal)
            gone = refusal.error in ("expired_url", "used_url")
            return web.Response(status=404 if gone else 400, text=refusal.error)
        finally:
            self._workspace.feed.pulse()
        return web.Response(text="ok")

    async def upload(self, request: web.Request) -> web.Response:
        """The bytes of a file, as they are."""
        told = self._workspace.files.receive(request.match_info["key"], await request.read())
        return web.Response(text=told) if told else web.Response(status=400, text="upload refused")

    def _answer(self, name: str, args: Json, token: str) -> Json:
        if (method := self._methods.get(name)) is None:
            raise Refused("unknown_method")
        if name == "auth.test" and token.startswith("xoxe.xoxp-"):
            method = Method(self._configuration.whoami, configures=True)
        self._require(method, token, args)
        if self._workspace.outbox.taken and name != "auth.test":
            raise Refused("team_access_not_granted")
        if name == "auth.revoke":
            return {"revoked": self._installing.revoke(token)}
        if made_up := self._made_up.get(name):
            failure = made_up.pop(0)
            if isinstance(failure, Broken) and failure.done:
                method.answer(args)
            raise failure
        key = f"{name} {args.get('channel')}" if method.per_channel else name
        seconds = self._tiers.take(key, method.tier)
        if self.reads_seldom and name in READING:
            seconds = self._seldom.take(name, TIER_1)
        if seconds:
            raise Limited(seconds)
        missing = [need for need in method.needs if args.get(need) in (None, "", [])]
        if missing:
            raise Refused("invalid_arguments", *(f"[ERROR] missing required field: {need}" for need in missing))
        return method.answer(args)

    def _require(self, method: Method, token: str, args: Json) -> None:
        if method.of_the_app:
            self._openid.app_of(token, args)
        elif method.configures:
            self._configuration.require(token)
        elif not method.by_argument:
            self._require_token(method, token)

    def _require_token(self, method: Method, token: str) -> None:
        bot, app = self._tokens
        given = not method.app_token and self._installing.opened(token) is self._workspace
        bot = token if given else bot
        right, wrong = (app, bot) if method.app_token else (bot, app)
        if not right or not hmac.compare_digest(token.encode(errors="replace"), right.encode()):
            raise Refused({"": "not_authed", wrong: "not_allowed_token_type"}.get(token, "invalid_auth"))
        if not given and not self._configuration.accepts(token):
            raise Refused("invalid_auth")
        if self._workspace.app.lacks(method.scope):
            provided = ",".join(sorted(self._workspace.app.scopes or ()))
            raise Refused("missing_scope", needed=method.scope, provided=provided)


async def arguments(request: web.Request) -> tuple[Json, str]:
    """Merged from query (even on POST), form and JSON; structures may come as JSON text."""
    args: Json = dict(request.query)
    try:
        if request.content_type == "application/json":
            args |= await _json_of(request)
        else:
            args |= dict(await request.post())
        for key in JSON_ARGS & args.keys():
            args[key] = json.loads(args[key]) if isinstance(args[key], str) else args[key]
    except ValueError:
        raise Refused("invalid_json") from None
    header = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return args, header or str(args.pop("token", ""))


async def _json_of(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError:
        raise Refused("invalid_json") from None
    if not isinstance(body, dict):
        raise Refused("json_not_object")
    return body
