"""Events get lost: that the app was taken out is noticed too when Slack takes a token of it no more.

What some call was refused with is only a sign, since Slack may mean what was asked about; it is asked once more, about
the app itself, and only what it says then ends anything.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.acts.direct_message import JobHandler
from bot.slack.acts.installed.uninstalling import END, FORGET, Uninstalling
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.installations.tokens import LOOK_AGAIN
from bot.slack.services import Services
from storage.schema import now
from storage.tables import Installation, Job

log = logging.getLogger(__name__)

LOOK, LOOK_SECONDS = "look_at_installations", 3600
LOOK_AT_ONE = "look_at_own_token"
EACH = timedelta(days=1)
AT_ONCE = 50
GONE = frozenset({"account_inactive", "token_revoked", "invalid_auth"})
"""With these Slack says of a token that the app is not there any more."""
TAKEN = "team_access_not_granted"
"""An organisation has the app, and this team of it not any more."""


class Noticing:
    """Of many workspaces, each with a token of its own."""

    def __init__(self, client: AsyncWebClient, services: Services, uninstalling: Uninstalling) -> None:
        self._client = client
        self._services = services
        self._uninstalling = uninstalling

    async def look(self, _: Job) -> None:
        """Once a day at each of them."""
        at = now()
        async with self._services.db.read() as tables:
            due = await tables.installations.not_looked_at(at - EACH, AT_ONCE)
        for row in due:
            if await self._stands(row, row.workspace_id, at):
                async with self._services.db.begin() as tables:
                    await tables.installations.looked_at(row.workspace_id, at)

    async def look_again(self, job: Job) -> None:
        """A call for this team was refused as if the app were not there."""
        team, at = str(job.payload["workspace"]), now()
        async with self._services.db.read() as tables:
            row = await tables.installations.serving(team)
        if row is not None:
            await self._stands(row, team, at)

    async def _stands(self, row: Installation, team: str, at: datetime) -> bool:
        """Whether it does; what is found gone is ended. One that was installed later than ``at`` stays."""
        try:
            with acting_for(team):
                await self._client.auth_test()
                if row.org_wide and team != row.workspace_id:
                    await self._client.users_conversations(limit=1)  # with the team's name, which the first has not
        except TROUBLE as error:
            code = code_of(error)
            if code == TAKEN and row.org_wide:
                await self._uninstalling.taken(team)
            elif code in GONE:
                await self._uninstalling.gone(row.workspace_id, at)
            else:
                log.warning("an installation could not be looked at: %s", code)
            return False
        return True


class OwnToken:
    """The one that an operator gave: what leans on it ends as if an event had told of its end."""

    def __init__(self, client: AsyncWebClient, services: Services) -> None:
        self._client = client
        self._services = services

    async def look(self, _: Job) -> None:
        try:
            await self._client.auth_test()
        except SlackApiError as error:
            if code_of(error) in GONE:
                await self._end()
        except TROUBLE as error:
            log.warning("whether the app is still there could not be asked: %s", code_of(error))

    async def _end(self) -> None:
        uninstalling = Uninstalling(self._services)
        async with self._services.db.read() as tables:
            workspaces = await tables.workspaces.ids()
        for each in workspaces:
            await uninstalling.end_access(each)


def handlers(client: AsyncWebClient, services: Services, uninstalling: Uninstalling) -> Mapping[str, JobHandler]:
    noticing = Noticing(client, services, uninstalling)
    noticed = {LOOK: noticing.look, LOOK_AGAIN: noticing.look_again}
    return {**noticed, END: uninstalling.end, FORGET: uninstalling.forget}


def of_own_token(client: AsyncWebClient, services: Services) -> Mapping[str, JobHandler]:
    return {LOOK_AT_ONE: OwnToken(client, services).look}
