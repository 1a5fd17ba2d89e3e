"""Somebody's account ends, or Usher is taken out of the workspace: what leans on it ends too."""

import logging

from bot.slack.acts.installed.uninstalling import Uninstalling
from bot.slack.edge.payload import Payload, workspace_of
from bot.slack.edge.people.profiles import profile_of
from bot.slack.edge.registration import Registry
from bot.slack.services import Services
from storage.members import Member

log = logging.getLogger(__name__)


def hang(registry: Registry, services: Services, uninstalling: Uninstalling) -> None:
    async def changed(body: Payload) -> None:
        """Comes with each change of anybody's profile; of interest are an end, and that a guest is none any more."""
        user = body["event"].get("user")
        if not isinstance(user, dict) or not user.get("id"):
            return
        member = Member(workspace_of(body), str(user["id"]))
        profile = profile_of(user)
        await services.from_outside.changed(member, guest=profile.guest, gone=bool(user.get("deleted")))
        if not user.get("deleted"):
            return
        if ended := await services.links.creator_gone(member):
            log.info("%d chat links ended with the account of who made them", ended)
        if services.tokens and (revoked := await services.tokens.account_gone(member)):
            log.info("%d access tokens were revoked with the account that they were for", revoked)

    async def revoked(body: Payload) -> None:
        """Members' own tokens, which we have none of, are revoked so too."""
        if (body["event"].get("tokens") or {}).get("bot"):
            await uninstalling.told(body)

    registry.taken("user_change", changed)
    registry.taken("app_uninstalled", uninstalling.told)
    registry.taken("tokens_revoked", revoked)
    registry.taken("team_access_revoked", uninstalling.taken_from, of_organisations=True)
    registry.taken("team_access_granted", uninstalling.given_to, of_organisations=True)
