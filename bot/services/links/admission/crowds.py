"""When proof of work is asked for: while chats are started faster than people start them, on one link or in all."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.services.admin_notes import tell_admins
from bot.services.limits.rates import MINUTE, hidden
from bot.services.links import host_notes
from storage.database import Database, Tables
from storage.repositories.work.rates import SECOND, Limit
from storage.repositories.workspaces.security import Noted
from storage.tables import Link, SecurityEvent

AUTO, ALWAYS, OFF = CHOICES = ("auto", "always", "off")
OF_LINK = Limit(burst=60, every_microseconds=SECOND)
"""An office that opens a link which was posted to it stays below."""
OF_ALL = Limit(burst=300, every_microseconds=SECOND // 5)
STAYS = 10 * MINUTE
"""For so long after the last start that came too fast."""
JOB = "proof_of_work_off"
ON, OVER = "work_on", "work_off"
ADMINS = (
    ":shield: Chats are started unusually fast on this installation's links (more than {most} within a minute). Until"
    " that has been over for ten minutes, a guest's browser calculates for a second or two before a chat starts;"
    " guests hardly notice, and nothing has to be done. `TEMPCHAT_PROOF_OF_WORK` sets this."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Scope:
    """``link_id`` is empty for all links together."""

    link_id: str

    @property
    def limit(self) -> Limit:
        return OF_LINK if self.link_id else OF_ALL

    def starts(self, key: bytes) -> str:
        return hidden(key, "odd starts", self.link_id)

    def mark(self, key: bytes) -> str:
        """Held, like a bucket that is empty, as long as work is asked for."""
        return hidden(key, "work asked for", self.link_id)


class Crowds:
    """What it counts lies in the database, so that all processes ask alike. ``key`` hides of whom."""

    def __init__(self, db: Database, key: bytes, choice: str) -> None:
        self._db = db
        self._key = key
        self._choice = choice

    async def here(self, link: Link) -> bool:
        """Whether a start on this link is to be worked for."""
        if self._choice != AUTO:
            return self._choice == ALWAYS
        marks = [_Scope(each).mark(self._key) for each in (link.id, "")]
        async with self._db.read() as tables:
            return bool(await tables.rates.held(marks, _now()))

    async def count(self, tables: Tables, link: Link) -> None:
        """One more start, in its transaction; the one that is too many is let in, and those after it work."""
        if self._choice != AUTO:
            return
        scopes = {scope.starts(self._key): scope for scope in (_Scope(link.id), _Scope(""))}
        at = _now()
        odd = await tables.rates.take_all({key: scope.limit for key, scope in scopes.items()}, at)
        for scope in (scopes[key] for key in sorted(odd)):
            if (await tables.rates.take(scope.mark(self._key), Limit(1, STAYS), at)).allowed:
                await self._went_on(tables, scope, link, at)
            else:
                await tables.rates.hold(scope.mark(self._key), at + STAYS)

    async def calmer(self, payload: Mapping[str, Any]) -> None:
        """The job that is due when it may be over: it says so, or waits on."""
        scope, workspace = _Scope(payload["link"]), payload["workspace"]
        mark = scope.mark(self._key)
        async with self._db.begin() as tables:
            if held := await tables.rates.held([mark], _now()):
                await _due(tables, mark, payload, held[mark])
                return
            await tables.security.add([Noted(_event(OVER, scope))])
            if workspace:
                await tables.audit.add(workspace, "usher", "link.work_off", scope.link_id)
        log.info("proof of work is over for %s", scope.link_id[:8] or "all links")

    async def _went_on(self, tables: Tables, scope: _Scope, link: Link, at: int) -> None:
        workspace = link.workspace_id if scope.link_id else ""
        payload = {"link": scope.link_id, "workspace": workspace}
        await _due(tables, scope.mark(self._key), payload, at + STAYS)
        await tables.security.add([Noted(_event(ON, scope))])
        if workspace:
            await host_notes.tell_of_crowd(tables, link)
            await tables.audit.add(workspace, "usher", "link.work_on", link.id)
        else:
            for each in await tables.workspaces.ids():
                await tell_admins(tables, each, ON, ADMINS.format(most=OF_ALL.burst))
        log.warning("chats are started oddly fast on %s: proof of work is on", scope.link_id[:8] or "all links")


async def _due(tables: Tables, mark: str, payload: Mapping[str, Any], at: int) -> None:
    when, workspace = datetime.fromtimestamp(at / SECOND, UTC), payload["workspace"] or None
    await tables.jobs.once_more(JOB, f"{JOB}:{mark}", dict(payload), when, workspace=workspace)


def _event(kind: str, scope: _Scope) -> SecurityEvent:
    return SecurityEvent(kind=kind, network="", who="", link_id=scope.link_id or None, count=1)


def _now() -> int:
    return time.time_ns() // 1_000
