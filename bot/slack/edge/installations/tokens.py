"""With which token a workspace is asked: asked for before each call, and never held longer than a minute."""

import asyncio
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from slack_sdk.errors import SlackApiError

from bot.services.admin_notes import tell_admins
from bot.services.tickets.slack_install import BOT, OWNER, REFRESH, expiry, nobodys, put_tokens
from bot.slack.edge.errors import TROUBLE, code_of
from bot.slack.edge.installations.oauth import Fresh
from bot.slack.edge.keyed_locks import KeyedLocks
from mcp_runtime.secrets.outside import StoreAway
from mcp_runtime.secrets.store import CannotOpen, SecretStore
from storage.database import Database
from storage.engines.engine import TROUBLE as DATABASE_TROUBLE
from storage.schema import now
from storage.tables import Installation

log = logging.getLogger(__name__)

FOR_SECONDS, MOST = 60.0, 5_000
EARLY = timedelta(hours=2)
"""Before its end: whoever does not get to refresh a token goes on with one that still lives."""
LEASE = timedelta(seconds=30)
LOOK_SECONDS, LOOKS = 0.25, 40
LOOK_AGAIN = "look_at_installation"
"""The job that sees whether a workspace's installation is still there."""
ENDED = "token_expired"
"""It can be refreshed: no sign that the app was taken out."""
LOST = (
    "Slack takes my refresh token no more, and my token here ends soon: I shall hear nothing from then on."
    " Install me once more, from the page that you installed me from."
)


@dataclass(frozen=True)
class Held:
    installation: Installation
    token: str = field(repr=False)


class NoToken(SlackApiError):
    """As Slack's own refusals are told: nobody waits for what cannot be."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no token: {code}", {"ok": False, "error": code})  # type: ignore[no-untyped-call]


class Refreshing(Protocol):
    async def refreshed(self, refresh_token: str) -> Fresh: ...


class Tokens:
    def __init__(self, db: Database, secrets: SecretStore, slack: Refreshing) -> None:
        self._db = db
        self._secrets = secrets
        self._slack = slack
        self._known: OrderedDict[str, tuple[float, Held]] = OrderedDict()
        self._lanes = KeyedLocks()

    async def of(self, workspace: str, enterprise: str = "") -> Held | None:
        """The team's own installation before its organisation's; raises `NoToken` where it cannot be opened."""
        if (known := self._fresh(workspace)) is not None:
            return known
        async with self._lanes.turn(workspace):  # all who ask at the same time wait for one look
            if (known := self._fresh(workspace)) is not None:
                return known
            found = await self._found(workspace, enterprise)
            if found is not None:
                self._known[workspace] = (time.monotonic() + FOR_SECONDS, found)
                if len(self._known) > MOST:
                    self._known.popitem(last=False)
            return found

    def drop(self, workspace: str) -> None:
        """Look anew the next time: Slack refused what was known, or it was uninstalled. An organisation has many."""
        for team in [team for team, (_, held) in self._known.items() if held.installation.workspace_id == workspace]:
            del self._known[team]
        self._known.pop(workspace, None)

    async def refused(self, workspace: str, code: str) -> None:
        """With this code Slack refused its token: looked up anew, and looked into, for an event may have been lost."""
        self.drop(workspace)
        if code == ENDED:
            return
        try:
            async with self._db.begin() as tables:
                told = {"workspace": workspace}
                await tables.jobs.once_more(LOOK_AGAIN, f"{LOOK_AGAIN}:{workspace}", told, now(), workspace=workspace)
        except DATABASE_TROUBLE as error:  # there will be a next call, and a daily look
            log.warning("a refused token is looked into later: %s", type(error).__name__)

    def _fresh(self, workspace: str) -> Held | None:
        until, held = self._known.get(workspace, (0.0, None))
        return held if held is not None and until > time.monotonic() else None

    async def _found(self, workspace: str, enterprise: str) -> Held | None:
        async with self._db.read() as tables:
            row = await tables.installations.serving(workspace, enterprise)
        if row is None:
            return None
        if row.expires_at is not None and row.expires_at <= now() + EARLY:
            row = await self._rotated(row) or row
        token = (await self._opened(row)).get(BOT)
        return Held(row, token) if token else None

    async def _opened(self, row: Installation) -> dict[str, str]:
        try:
            return await self._secrets.read_all(self._db, nobodys(row.workspace_id), OWNER)
        except (CannotOpen, StoreAway) as error:
            log.error("the app's token for a workspace cannot be had: %s", error)
            raise NoToken("token_unreadable") from None

    async def _rotated(self, row: Installation) -> Installation | None:
        """A refresh token works once: whoever takes the lease uses it, in whatever process."""
        async with self._db.begin() as tables:
            took = await tables.installations.take_rotation(row, now(), LEASE)
        if not took:
            return await self._by_another(row)
        refresh = (await self._opened(row)).get(REFRESH)
        if not refresh:
            return None
        try:
            fresh = await self._slack.refreshed(refresh)  # no transaction is open
        except TROUBLE as error:  # the lease runs out, and the next one who asks tries again
            log.warning("the app's token for a workspace was not refreshed: %s", code_of(error))
            if isinstance(error, SlackApiError) and code_of(error) == "invalid_refresh_token":
                await self._tell(row)
            return None
        async with self._db.begin() as tables:
            if await tables.installations.rotated(row, expiry(now(), fresh.expires_in)):
                await put_tokens(self._secrets, tables, row.workspace_id, fresh.token, fresh.refresh)
        return None

    async def _by_another(self, row: Installation) -> Installation | None:
        """Its old token will do while it lives; once it is over, there is nothing to do but wait."""
        for _ in range(LOOKS if row.expires_at and row.expires_at <= now() else 0):
            await asyncio.sleep(LOOK_SECONDS)
            async with self._db.read() as tables:
                there = await tables.installations.serving(row.workspace_id)
            if there is None or there.generation != row.generation:
                return there
        return None

    async def _tell(self, row: Installation) -> None:
        async with self._db.begin() as tables:
            await tell_admins(tables, row.workspace_id, "slack_token", LOST)
