"""Installing the app by OAuth: off to Slack, the way back, and what is kept of it.

What is sent along (``state``) is made from a secret that only the browser which began keeps, with a key and a time: so
nothing has to be stored before a workspace is known, and another browser's answer is worth nothing here. It is good
once and for ten minutes.
"""

import hmac
import logging
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from bot.errors import UserError
from mcp_runtime.secrets.store import SecretStore
from storage.clock import microseconds, seconds
from storage.database import Database, Tables
from storage.members import Member
from storage.repositories.work.rates import Limit
from storage.repositories.workspaces.audit_chain import INSTALLED
from storage.schema import now
from storage.tables import Installation

log = logging.getLogger(__name__)

INSTALL, CALLBACK = "/slack/install", "/slack/oauth_redirect"
STATE_KEY = "slack install"
LASTS = 600
"""Seconds."""
ONCE = Limit(1, 2 * LASTS * 1_000_000)
OWNER = "installation"
BOT, REFRESH = "bot_token", "refresh_token"


class InstallGone(UserError):
    """Begun in another browser, used already, too old, or never begun."""


class NotGranted(UserError):
    """Slack gave no token: somebody pressed Cancel, or Slack refused the code."""


class NotAllowed(UserError):
    """The operator serves other workspaces."""


@dataclass(frozen=True)
class Granted:
    """What Slack gave for a code."""

    team: str
    enterprise: str
    org_wide: bool
    name: str
    bot_user: str
    bot: str
    scopes: str
    by: str
    token: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires_in: int = 0
    """Seconds; 0: until it is revoked."""

    @property
    def workspace(self) -> str:
        """Installs of a whole organisation have come both with and without a team: the flag decides."""
        found = self.enterprise if self.org_wide else self.team
        if not found:
            raise NotGranted
        return found


class Slack(Protocol):
    """Slack's OAuth door."""

    @property
    def origin(self) -> str:
        """Where it is: the page's form leads there."""

    def install_address(self, redirect: str, state: str) -> str: ...

    async def granted(self, code: str, redirect: str) -> Granted:
        """Raises `NotGranted`."""

    async def give_back(self, token: str) -> None:
        """Revoke a token that is not to be kept; best effort."""


@dataclass(frozen=True)
class Begun:
    url: str = field(repr=False)
    browser: str = field(repr=False)
    """What the browser keeps until it comes back."""


class SlackInstall:
    """``allowed`` are the teams and organisations that may install it; none named: all."""

    def __init__(
        self, db: Database, vault: SecretStore, slack: Slack, base_url: str, key: bytes, allowed: Collection[str] = ()
    ) -> None:
        self._db = db
        self._secrets = vault
        self._slack = slack
        self._redirect = base_url.rstrip("/") + CALLBACK
        self._key = key
        self._allowed = frozenset(allowed)

    @property
    def origin(self) -> str:
        return self._slack.origin

    def start(self) -> Begun:
        browser = secrets.token_urlsafe(32)
        until = str(int(seconds()) + LASTS)
        return Begun(self._slack.install_address(self._redirect, f"{until}.{self._signed(until, browser)}"), browser)

    async def finish(self, state: str, browser: str, code: str) -> Granted:
        """It is installed. Raises `InstallGone`, `NotGranted` or `NotAllowed`: then nothing was stored."""
        await self._take(state, browser)
        if not code:  # «Cancel» at Slack
            raise NotGranted
        granted = await self._slack.granted(code, self._redirect)
        if self._allowed and self._allowed.isdisjoint({granted.team, granted.enterprise} - {""}):
            log.warning("%s may not install the app: SLACK_ALLOWED_WORKSPACES", granted.workspace)
            await self._slack.give_back(granted.token)
            raise NotAllowed
        async with self._db.begin() as tables:
            await self._keep(tables, granted)
        return granted

    async def _take(self, state: str, browser: str) -> None:
        until, _, signed = state.partition(".")
        if not until.isascii() or not until.isdecimal() or len(until) > 12 or int(until) < seconds():
            raise InstallGone
        if not browser or not hmac.compare_digest(
            signed.encode(errors="replace"), self._signed(until, browser).encode()
        ):
            raise InstallGone
        async with self._db.begin() as tables:
            key = sha256(f"install\0{state}".encode()).hexdigest()
            if not (await tables.rates.take(key, ONCE, microseconds())).allowed:
                raise InstallGone

    def _signed(self, until: str, browser: str) -> str:
        told = f"{until}\0{browser}".encode(errors="replace")
        return hmac.new(self._key, told, sha256).hexdigest()

    async def _keep(self, tables: Tables, granted: Granted) -> None:
        workspace, at = granted.workspace, now()
        await tables.workspaces.ensure(workspace, granted.name[:200])
        if granted.enterprise and not granted.org_wide:
            await tables.workspaces.part_of(workspace, granted.enterprise)
        row = Installation(
            workspace_id=workspace,
            org_wide=granted.org_wide,
            enterprise_id=granted.enterprise,
            bot_user_id=granted.bot_user,
            bot_id=granted.bot,
            scopes=granted.scopes,
            installed_by=granted.by,
            installed_at=at,
            expires_at=expiry(at, granted.expires_in),
            looked_at=at,
        )
        await tables.installations.put(row)
        await put_tokens(self._secrets, tables, workspace, granted.token, granted.refresh)
        detail = {"scopes": granted.scopes, "org_wide": granted.org_wide}
        await tables.audit.add(workspace, granted.by, INSTALLED, workspace, detail)


async def put_tokens(vault: SecretStore, tables: Tables, workspace: str, token: str, refresh: str) -> None:
    whose = nobodys(workspace)
    await vault.delete(tables, whose, OWNER)
    await vault.put(tables, whose, OWNER, token, BOT)
    if refresh:
        await vault.put(tables, whose, OWNER, refresh, REFRESH)


def nobodys(workspace: str) -> Member:
    """Whose the app's own tokens are: no member's."""
    return Member(workspace, "*")


def expiry(at: datetime, seconds: int) -> datetime | None:
    return at + timedelta(seconds=seconds) if seconds else None
