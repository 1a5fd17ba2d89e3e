"""Many workspaces, each of which installs the app: is the app's id and secret good, who may, and by which addresses."""

from aiohttp import ClientSession

from bot.doctor.finding import Finding, bad, ok, warn
from bot.services.tickets.slack_install import CALLBACK, INSTALL
from bot.settings import Settings
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.installations.oauth import SlackOAuth

NO_CODE = "invalid_code"
"""What Slack says of a code that it never gave, once it knows the app that asks."""
APP = {
    "invalid_client_id": "Slack knows no app with SLACK_CLIENT_ID",
    "bad_client_secret": "SLACK_CLIENT_SECRET is not that of the app with SLACK_CLIENT_ID",
}
COPY = "copy both from “App Credentials” under “Basic Information” of your Slack app"
OPEN = "whoever knows its address may install it in their workspace"
NAME_THEM = "name those that may in SLACK_ALLOWED_WORKSPACES, unless it is meant for all"


async def installing(settings: Settings, session: ClientSession, scopes: frozenset[str]) -> list[Finding]:
    """There is no bot token to be asked with: each workspace brings its own."""
    secret = settings.slack_client_secret.get_secret_value() if settings.slack_client_secret else ""
    slack = SlackOAuth(session, settings.slack_client_id or "", secret, scopes, settings.slack_api_url)
    try:
        code = await slack.said_of_no_code()
    except TROUBLE as error:
        return [bad("Slack", f"it could not be asked ({code_of(error)})", "check SLACK_API_URL, network and proxy")]
    if code != NO_CODE:
        return [bad("Slack", APP.get(code, f"Slack refuses the app's id and secret ({code})"), COPY)]
    public = (settings.public_base_url or "").rstrip("/")
    told = f"workspaces install it at {public}{INSTALL}; {public}{CALLBACK} has to stand among its redirect URLs"
    return [ok("Slack", told), _who(settings)]


def _who(settings: Settings) -> Finding:
    allowed = settings.slack_allowed_workspaces
    return ok("install", f"{len(allowed)} may install it") if allowed else warn("install", OPEN, NAME_THEM)
