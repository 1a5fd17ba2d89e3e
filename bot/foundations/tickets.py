"""Members' pages: where they are, and how the browser that opens one shows that it is its member's."""

from bot.foundations.foundations import plain
from bot.services.tickets import KEY, Tickets
from bot.services.tickets.slack_sign_in import SlackSignIn
from bot.services.tokens import server_key
from bot.settings import Settings
from bot.slack.edge.openid import SlackOpenId
from storage.database import Database


def tickets_of(settings: Settings, db: Database, key: bytes) -> Tickets:
    in_slack = settings.allow_secrets_in_slack
    public, own = settings.public_base_url, settings.own_url
    tickets = Tickets(db, public, own_url=own, secrets_in_slack=in_slack, key=server_key(key, KEY))
    if (slack := _slack(settings)) and public:
        tickets.slack = SlackSignIn(db, tickets, slack, public)
    return tickets


def _slack(settings: Settings) -> SlackOpenId | None:
    secret = plain(settings.slack_client_secret)
    if not settings.slack_client_id or not secret:
        return None
    return SlackOpenId(settings.slack_client_id, secret, settings.slack_api_url)
