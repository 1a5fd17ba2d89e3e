"""What looks like an attack on guests' pages is counted at once, stored in bundles, and told when it is a lot."""

import hashlib
import hmac
import logging
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.services.admin_notes import tell_admins
from bot.services.tokens.forms import at_rest
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.repositories.workspaces.security import Noted
from storage.schema import now
from storage.tables import SecurityEvent

KEPT = timedelta(days=7)
WINDOW = timedelta(hours=1)
MOST = 1_000
"""Different ones between two bundles; of more only the kind is kept."""
ELSEWHERE = "several"


@dataclass(frozen=True)
class Kind:
    """``many`` in an hour are told to administrators, in these words."""

    many: int
    told: str


KINDS: Mapping[str, Kind] = {
    "probing": Kind(200, "{count} addresses of chat links that do not exist were tried"),
    "flood": Kind(1_000, "{count} requests for guests' pages came too fast and were refused"),
    "forged": Kind(
        50, "{count} forms were sent to guests' pages from other sites, without their token or with made-up work"
    ),
    "stranger": Kind(50, "{count} times somebody asked for a guest's chat with a cookie that does not open it"),
    "passcode": Kind(30, "{count} guesses at passcodes or codes of chat links were wrong or came too fast"),
    "replay": Kind(100, "{count} times a code, a page or a chat's cookie was used again that was used up before"),
}
NOTE = (
    ":shield: In the last hour {what}, most of them from {networks}. All were refused, and nothing has to be done at"
    " once. If it goes on, block these networks at your proxy; a link that is meant can be revoked or given a new"
    " address."
)
Place = tuple[str, str, str, str, bytes]
"""kind, masked network, HMAC of the caller, link id, hash of the page's ticket."""

log = logging.getLogger(__name__)


class SecurityEvents:
    """``key`` hides whose an address is; one of this process's own where none is given."""

    def __init__(self, db: Database, bus: Bus, key: bytes | None = None) -> None:
        self._db = db
        self._bus = bus
        self._key = key or os.urandom(32)
        self._noted: Counter[Place] = Counter()

    def note(self, kind: str, network: str, caller: str, link_id: str = "", ticket: str = "") -> None:
        """``network`` is masked already, ``caller`` is not and is hidden here. Costs no query: it may be a flood.

        Whose it is says what was meant: a guest's link, or the page that a ``ticket`` opens.
        """
        if kind not in KINDS:
            raise ValueError(kind)
        who = hmac.new(self._key, f"caller:{caller}".encode(), hashlib.sha256).hexdigest()
        place = (kind, network, who, link_id, at_rest(ticket) if ticket else b"")
        if place not in self._noted and len(self._noted) >= MOST:
            place = (kind, ELSEWHERE, "", "", b"")
        self._noted[place] += 1

    async def store(self) -> int:
        """What was noted since the last time, kept for the next one when the database is away; how many."""
        noted, self._noted = self._noted, Counter()
        if not noted:
            return 0
        try:
            async with self._db.begin() as tables:
                await tables.security.add([_row(place, count) for place, count in noted.items()])
                told = await _tell(tables)
        except BaseException:
            self._noted.update(noted)
            raise
        log.warning("refused on guests' pages: %s", _in_words(noted))
        if told:
            await self._bus.tell("jobs")
        return noted.total()


def _row(place: Place, count: int) -> Noted:
    kind, network, who, link_id, ticket = place
    return Noted(SecurityEvent(kind=kind, network=network, who=who, link_id=link_id or None, count=count), ticket)


async def _tell(tables: Tables) -> bool:
    """Once a day for each kind; what is meant for no workspace is everybody's concern."""
    since = now() - WINDOW
    counts, everybody = await tables.security.counts(since), await tables.workspaces.ids()
    told = False
    for (name, workspace), count in counts.items():
        kind = KINDS.get(name)
        if kind is None or count < kind.many:
            continue
        networks = ", ".join(await tables.security.networks(name, since))
        text = NOTE.format(what=kind.told.format(count=count), networks=networks)
        for each in [workspace] if workspace else everybody:
            await tell_admins(tables, each, f"security_{name}", text)
            told = True
    return told


def _in_words(noted: Counter[Place]) -> str:
    kinds: Counter[str] = Counter()
    for (kind, *_), count in noted.items():
        kinds[kind] += count
    return ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
