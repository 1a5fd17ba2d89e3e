"""The app was taken out of a workspace: what leans on it ends at once, and the rest is forgotten after a month.

Slack may tell of it twice, in any order, after the app was installed again, or not at all. What has to end is noted
with the uninstall, in one transaction, so a process that dies meanwhile leaves nothing that still works.
"""

import logging
from datetime import UTC, datetime, timedelta

from bot.errors import UserError
from bot.services.tickets.slack_install import OWNER, nobodys
from bot.slack.edge.installations.tokens import Tokens
from bot.slack.edge.payload import Payload, enterprise_of, installed_org_wide, workspace_of
from bot.slack.services import Services
from storage.database import Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Connection, Job

log = logging.getLogger(__name__)

END = "end_workspace"
FORGET, KEPT = "forget_workspace", timedelta(days=30)
UNINSTALLED = "workspace.uninstalled"


class Uninstalling:
    """With ``tokens``, of many workspaces; without, of the one whose token the operator gave."""

    def __init__(self, services: Services, tokens: Tokens | None = None) -> None:
        self._services = services
        self._tokens = tokens

    async def told(self, body: Payload) -> None:
        """By an event."""
        if self._tokens is None:  # it may be put back at once, with the same token in the settings
            await self.end_access(workspace_of(body))
            return
        key = enterprise_of(body) if installed_org_wide(body) else workspace_of(body)
        await self.gone(key, _at(body))

    async def gone(self, key: str, before: datetime) -> None:
        """``key`` is what it was installed in; one that was installed later than ``before`` stays."""
        async with self._services.db.begin() as tables:
            if not await tables.installations.delete(key, before=before):
                return
            await tables.secrets.delete_of(key, nobodys(key).id, OWNER)
            for team in (key, *await tables.workspaces.served_by(key)):
                await _leave(tables, team)
        await self._dropped(key)

    async def taken_from(self, body: Payload) -> None:
        """An organisation that installed it for all its teams took it from some of them."""
        for team in self._named(body):
            await self.taken(team)

    async def taken(self, team: str) -> None:
        """One that has an installation of its own is served by that one from then on."""
        async with self._services.db.begin() as tables:
            own = await tables.installations.serving(team)
            if await tables.workspaces.part_of(team, "") and (own is None or own.org_wide):
                await _leave(tables, team)
        await self._dropped(team)

    async def given_to(self, body: Payload) -> None:
        """And gave it to some: those that it was taken from before are served again."""
        async with self._services.db.begin() as tables:
            for team in self._named(body):
                await tables.workspaces.part_of(team, enterprise_of(body))

    def _named(self, body: Payload) -> list[str]:
        """None where all of an organisation is one workspace, of one token."""
        return [str(each) for each in body["event"].get("team_ids") or ()] if self._tokens else []

    async def _dropped(self, workspace: str) -> None:
        if self._tokens:
            self._tokens.drop(workspace)
        await self._services.bus.tell("jobs")

    async def end_access(self, workspace: str) -> None:
        ended = await self._services.links.workspace_gone(workspace)
        if self._services.tokens:
            await self._services.tokens.workspace_gone(workspace)
        log.warning("Usher was taken out of the workspace %s: %d chat links ended", workspace, ended)

    async def end(self, job: Job) -> None:
        """All that leans on it, but what came since it was installed again."""
        workspace, left = str(job.payload["workspace"]), datetime.fromisoformat(job.payload["left"])
        async with self._services.db.read() as tables:
            again = await tables.installations.serving(workspace)
            connections = await tables.connections.of_workspace(workspace)
        if again is None:
            await self.end_access(workspace)
        for each in connections:
            if each.created_at <= left:
                await self._disconnect(each)
        if again is None:
            async with self._services.db.begin() as tables:
                await tables.secrets.delete_all(workspace)

    async def _disconnect(self, connection: Connection) -> None:
        try:
            whose = Member(connection.workspace_id, connection.member_id)
            await self._services.connections.disconnect(whose, connection.id)
        except UserError:  # its member was first
            return

    async def forget(self, job: Job) -> None:
        workspace = str(job.payload["workspace"])
        async with self._services.db.begin() as tables:
            if await tables.installations.serving(workspace) is None and await tables.workspaces.forget(
                workspace, now()
            ):
                log.warning("all that was kept of the workspace %s was deleted", workspace)


async def _leave(tables: Tables, workspace: str) -> None:
    at = now()
    await tables.audit.add(workspace, "slack", UNINSTALLED, workspace)
    told = {"workspace": workspace, "left": at.isoformat()}
    await tables.jobs.once_more(END, f"{END}:{workspace}", told, at, workspace=workspace)
    await tables.jobs.once_more(FORGET, f"{FORGET}:{workspace}", told, at + KEPT, workspace=workspace)


def _at(body: Payload) -> datetime:
    return datetime.fromtimestamp(int(body.get("event_time") or 0), UTC)
