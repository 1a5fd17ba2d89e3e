"""Access tokens, and who vouches for those that they act for."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.limits.openness import Openness
from bot.services.tokens.access import AccessTokens
from bot.slack.acts.admins import Admins
from bot.slack.acts.callers import Callers
from bot.slack.edge.people.profiles import Profiles
from storage.database import Database


def access_tokens(db: Database, client: AsyncWebClient, profiles: Profiles, admins: Admins) -> AccessTokens:
    return AccessTokens(db, Callers(client, profiles, Openness(db), admins))
