"""What Slack says of the tokens: are they good, of one app, with all their scopes, and is the clock right."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor.finding import Finding, bad, ok, warn
from bot.services.tickets.slack_sign_in import CALLBACK
from bot.services.tokens.scopes import FOR_SLACKBOT
from bot.settings import Settings, rules
from bot.slack.edge.calls.client import web_client
from bot.slack.edge.errors import TROUBLE, SlackRefused, code_of
from bot.slack.edge.token_check import Identity, check_app_token, check_bot_token

REINSTALL = "let `usher slack update` add them (or “OAuth & Permissions” of your Slack app), then reinstall the app"
ANOTHER_ONE = "make a new one with it under “Basic Information”; a token that is there gets no more scopes"
LACKS_SCOPE = ("SLACK_APP_TOKEN lacks the scope connections:write", ANOTHER_ONE)
REFUSALS = {
    "socket_mode_not_enabled": (
        "Socket Mode is off for this app",
        "turn it on under “Socket Mode” in the app's settings, or use HTTP mode: unset SLACK_APP_TOKEN",
    ),
    "missing_scope": LACKS_SCOPE,
    "no_permission": LACKS_SCOPE,
}
SIGNED_FOR = 300
"""Seconds that Slack's signature is good for, in HTTP mode."""
CLOSE_ENOUGH = 60
FOR_THREADS = frozenset({"channels:history", "groups:history", "mpim:history"})
"""Without these a mention is answered without what its thread says, and who goes on without one hears nothing."""

FOR_CHANNELS = frozenset({"channels:read", "groups:read"})
"""Without these nobody can look at a channel in which guests' chats are to be followed."""


async def slack(settings: Settings, session: ClientSession, needed: frozenset[str]) -> list[Finding]:
    client = _client(settings, session)
    try:
        who = await check_bot_token(client)
    except SlackRefused as refused:
        return [bad("Slack", *_split(refused))]
    told = [ok("Slack", f"SLACK_BOT_TOKEN is good: workspace “{who.team_name}”")]
    told += [*_clock(who, signed=settings.slack_signing_secret is not None), *_scopes(who, needed)]
    told += [*await _same_app(settings, client, who), *_slackbot(settings, who)]
    return told + _sign_in(settings)


def _sign_in(settings: Settings) -> list[Finding]:
    """Of members, before their own pages."""
    if not settings.slack_client_id:
        return []
    if not (public := settings.public_base_url):
        found = "SLACK_CLIENT_ID is set, but Slack can lead nobody back to pages without an address"
        return [warn("sign-in", found, "set PUBLIC_BASE_URL, or unset both SLACK_CLIENT_ID and SLACK_CLIENT_SECRET")]
    back = public.rstrip("/") + CALLBACK
    return [ok("sign-in", f"members sign in with Slack, where {back} has to stand among the app's redirect URLs")]


def _slackbot(settings: Settings, who: Identity) -> list[Finding]:
    """Slack signs what Slackbot asks: without the secret all of it is refused."""
    if FOR_SLACKBOT not in _granted(who):
        return []
    if not settings.slack_signing_secret:
        found = "Slackbot may use Usher, but without SLACK_SIGNING_SECRET nothing of Slackbot's can be believed"
        return [warn("Slackbot", found, "set it: “Basic Information”, “App Credentials”")]
    if not (settings.public_base_url or "").startswith("https://"):
        found = "Slackbot may use Usher, and PUBLIC_BASE_URL is not an address that Slack reaches"
        return [warn("Slackbot", found, "set it; it begins with https")]
    return [ok("Slackbot", f"uses Usher at {(settings.public_base_url or '').rstrip('/')}/mcp")]


def _client(settings: Settings, session: ClientSession) -> AsyncWebClient:
    return web_client(settings.slack_bot_token.get_secret_value(), session, settings.slack_api_url)


def _clock(who: Identity, *, signed: bool) -> list[Finding]:
    try:
        theirs = parsedate_to_datetime(who.headers["date"])
    except (KeyError, ValueError):
        return []
    apart = round(abs((datetime.now(UTC) - theirs).total_seconds()))
    if apart <= CLOSE_ENOUGH:
        return []
    found = f"this machine's clock and Slack's are {apart} s apart"
    cure = "set it by NTP, such as: timedatectl set-ntp true"
    if signed and apart >= SIGNED_FOR:
        return [bad("clock", f"{found}: Slack's signatures count as too old", cure)]
    return [warn("clock", found, cure)]


def _scopes(who: Identity, needed: frozenset[str]) -> list[Finding]:
    granted = _granted(who)
    if not needed:
        return [warn("scopes", "not compared: manifest.yml is not beside app.py", "see docs/slack-setup.md")]
    missing = needed - granted
    if lacking := sorted(missing - FOR_THREADS - FOR_CHANNELS):
        return [bad("scopes", f"missing: {', '.join(lacking)}", REINSTALL)]
    told = [
        warn("scopes", f"without {' and '.join(sorted(some))} {then}", f"{REINSTALL}; or leave it so: all else works")
        for some, then in (
            (missing & FOR_THREADS, "I read no thread that I am called into there"),
            (missing & FOR_CHANNELS, "guests' chats can be followed in direct messages alone"),
        )
        if some
    ]
    return told or [ok("scopes", f"all {len(needed)} are granted")]


def _granted(who: Identity) -> set[str]:
    return {scope.strip() for scope in who.headers.get("x-oauth-scopes", "").split(",")} - {""}


async def _same_app(settings: Settings, client: AsyncWebClient, who: Identity) -> list[Finding]:
    """Two good tokens of two apps make an Usher that hears one and speaks as the other."""
    token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else ""
    theirs = rules.APP_OF_TOKEN.match(token)
    if not theirs or not who.bot:
        return []
    try:
        bot = (await client.bots_info(bot=who.bot)).get("bot") or {}
    except TROUBLE:
        return []  # the scope for it is told of above
    if bot.get("app_id") in (None, theirs[1]):
        return []
    found = "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are of two different apps"
    return [bad("Slack", found, "copy both from the same app's settings")]


async def socket_mode(settings: Settings, session: ClientSession) -> list[Finding]:
    if not settings.slack_app_token:
        return []
    try:
        await check_app_token(_client(settings, session), settings.slack_app_token.get_secret_value())
    except SlackRefused as refused:
        code = code_of(refused.__cause__) if isinstance(refused.__cause__, SlackApiError) else ""
        return [bad("Socket Mode", *(REFUSALS.get(code) or _split(refused)))]
    return [ok("Socket Mode", "SLACK_APP_TOKEN is good")]


async def http_mode(settings: Settings) -> list[Finding]:
    if not settings.slack_signing_secret:
        return []
    if settings.public_base_url:
        return [ok("HTTP mode", f"takes events at {settings.public_base_url}/slack/events")]
    found = "takes events at /slack/events, and PUBLIC_BASE_URL is not set for Slack to reach it"
    return [warn("HTTP mode", found, "set it; or use Socket Mode alone: unset SLACK_SIGNING_SECRET")]


def _split(refused: SlackRefused) -> tuple[str, str]:
    found, _, cure = str(refused).partition(". ")
    return found, cure
