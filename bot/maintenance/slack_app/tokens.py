"""The app's two tokens, each checked at once: its kind, whose it is, and whether Slack takes it."""

from collections.abc import Callable

from pydantic import SecretStr
from slack_sdk.errors import SlackApiError

from bot.maintenance.slack_app.asking import Wrong
from bot.maintenance.slack_app.known import Known, app_of
from bot.settings import rules
from bot.slack.edge.errors import SlackRefused, code_of
from bot.slack.edge.token_check import check_app_token, check_bot_token

SCOPELESS = (
    "It lacks the scope connections:write, and a token that is there gets no more scopes: make a new one with it."
)
TOLD = {
    "missing_scope": SCOPELESS,
    "no_permission": SCOPELESS,
    "socket_mode_not_enabled": "Socket Mode is off for this app: turn it on under “Socket Mode” in its settings.",
}
CUT = "Slack does not know it ({code}). It may not have been copied whole: take it by its “Copy” button."


async def bot_token(known: Known, app_id: str, team: str, answer: str) -> str:
    """Of this app, in this workspace; an empty team: whichever it is. Raises `Wrong`."""
    token = _of_its_kind(rules.bot_token, answer)
    client = known.client(token)
    try:
        who = await check_bot_token(client)
    except SlackRefused as refused:
        raise Wrong(_told(refused)) from refused
    if team and who.team != team:
        raise Wrong(f"It is of the workspace “{who.team_name}”: take that of the workspace in which the app was made.")
    if (other := await app_of(client, who.bot)) not in ("", app_id):
        raise Wrong(f"It is of another app, {other}: take the one of {app_id}.")
    return token


async def app_token(known: Known, app_id: str, answer: str) -> str:
    """Raises `Wrong`."""
    token = _of_its_kind(rules.app_token, answer)
    if (theirs := rules.APP_OF_TOKEN.match(token)) and theirs[1] != app_id:
        raise Wrong(f"It is of another app, {theirs[1]}: take one of {app_id}.")
    try:
        await check_app_token(known.client(""), token)
    except SlackRefused as refused:
        raise Wrong(_told(refused)) from refused
    return token


def gemini_key(answer: str) -> str:
    """Its shape alone. Raises `Wrong`."""
    return _of_its_kind(rules.gemini_key, answer)


def _of_its_kind(rule: Callable[[SecretStr], SecretStr | None], answer: str) -> str:
    try:
        rules.a_value(answer)
        rule(SecretStr(answer))
    except ValueError as error:
        raise Wrong(f"It {error}.") from error
    return answer


def _told(refused: SlackRefused) -> str:
    if not isinstance(refused.__cause__, SlackApiError):
        return str(refused)
    code = code_of(refused.__cause__)
    return TOLD.get(code) or CUT.format(code=code)
