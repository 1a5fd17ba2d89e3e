"""The app was taken out of a workspace: what leans on it ends at once, and the rest is forgotten after a month.

Slack may tell of it twice, in any order, after the app was installed again, or not at all.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.errors import UserError
from bot.slack.acts.direct_message import JobHandler
from bot.slack.edge.calls.acting_for import acting_for
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.installations.clients import ManyWorkspaces
from bot.slack.edge.installations.tokens import Tokens
from bot.slack.edge.payload import Payload, enterprise_of, installed_org_wide, workspace_of
from bot.slack.services import Services
from storage.members import Member
from storage.schema import now
from storage.tables import Installation, Job

log = logging.getLogger(__name__)

LOOK, LOOK_SECONDS = "look_at_installations", 3600
EACH = timedelta(days=1)
AT_ONCE = 50
FORGET, KEPT = "forget_workspace", timedelta(days=30)
UNINSTALLED = "workspace.uninstalled"
GONE = frozenset({"account_inactive", "token_revoked"})
"""With these Slack says of a token that the app is not there any more."""


class Uninstalling:
    """With ``tokens``, of many workspaces; without, of the one whose token the operator gave."""

    def __init__(self, services: Services, tokens: Tokens | None = None) -> None:
        self._services = services
        self._tokens = tokens

    async def told(self, body: Payload) -> None:
        """By an event."""
        if self._tokens is None:
            await self._ends(workspace_of(body))
            return
        key = enterprise_of(body) if installed_org_wide(body) else workspace_of(body)
        await self.gone(key, datetime.fromtimestamp(int(body.get("event_time") or 0), UTC))

    async def gone(self, key: str, before: datetime) -> None:
        """``key`` is what it was installed in; one that was installed later than ``before`` stays."""
        async with self._services.db.begin() as tables:
            left = await tables.installations.delete(key, before=before)
            if left:
                await tables.audit.add(key, "slack", UNINSTALLED, key)
            teams = [key, *await tables.workspaces.served_by(key)] if left else []
        if self._tokens:
            self._tokens.drop(key)
        for team in teams:
            await self._ends(team)
            await self._forget_later(team)

    async def _ends(self, workspace: str) -> None:
        ended = await self._services.links.workspace_gone(workspace)
        log.warning("Usher was taken out of the workspace %s: %d chat links ended", workspace, ended)
        if self._tokens is None:  # it may be put back at once, with the same token in the settings
            return
        async with self._services.db.read() as tables:
            connections = await tables.connections.of_workspace(workspace)
        for each in connections:
            try:
                await self._services.connections.disconnect(Member(workspace, each.member_id), each.id)
            except UserError:  # its member was first
                continue
        async with self._services.db.begin() as tables:
            await tables.secrets.delete_all(workspace)

    async def _forget_later(self, workspace: str) -> None:
        async with self._services.db.begin() as tables:
            await tables.jobs.once_more(
                FORGET, f"{FORGET}:{workspace}", {"workspace": workspace}, now() + KEPT, workspace=workspace
            )

    async def forget(self, job: Job) -> None:
        workspace = str(job.payload["workspace"])
        async with self._services.db.begin() as tables:
            if await tables.installations.serving(workspace) is None and await tables.workspaces.forget(
                workspace, now()
            ):
                log.warning("all that was kept of the workspace %s was deleted", workspace)


class InstallationsLooked:
    """Events get lost: once a day Slack is asked whether each installation is still there."""

    def __init__(self, client: ManyWorkspaces, services: Services, uninstalling: Uninstalling) -> None:
        self._client = client
        self._services = services
        self._uninstalling = uninstalling

    async def __call__(self, _: Job) -> None:
        at = now()
        async with self._services.db.read() as tables:
            due = await tables.installations.not_looked_at(at - EACH, AT_ONCE)
        for row in due:
            await self._look(row, at)

    async def _look(self, row: Installation, at: datetime) -> None:
        try:
            with acting_for(row.workspace_id):
                await self._client.auth_test()
        except TROUBLE as error:
            if code_of(error) not in GONE:
                log.warning("an installation could not be looked at: %s", code_of(error))
                return
            await self._uninstalling.gone(row.workspace_id, at)
            return
        async with self._services.db.begin() as tables:
            await tables.installations.looked_at(row.workspace_id, at)


def handlers(client: ManyWorkspaces, services: Services, uninstalling: Uninstalling) -> Mapping[str, JobHandler]:
    return {LOOK: InstallationsLooked(client, services, uninstalling), FORGET: uninstalling.forget}
