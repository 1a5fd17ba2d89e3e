"""How audit entries hang together: each sealed, with a key, over its own text and the seal before it."""

import hashlib
import hmac
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from storage.engines.plain_text import as_json, plain
from storage.tables import AuditEntry

DONE, DENIED, REFUSED, FAILED, UNCLEAR = "done", "denied", "refused", "failed", "unclear"
OUTCOMES = (DONE, DENIED, REFUSED, FAILED, UNCLEAR)
"""It was done; a person said no; Usher did not let it; it went wrong; it may have been done or not."""
OF_ACTION: Mapping[str, str] = {
    "admin.refused": REFUSED,
    "approval.refused": REFUSED,
    "call.refused": REFUSED,
    "call.unclear": UNCLEAR,
    "host.refused": REFUSED,
    "link.code_failed": REFUSED,
    "link.filtered": REFUSED,
    "link.limited": REFUSED,
    "link.passcode_failed": REFUSED,
    "link.start_denied": REFUSED,
    "link.tampered": REFUSED,
    "ticket.code_failed": REFUSED,
    "ticket.stranger": REFUSED,
    "token.refused": REFUSED,
}
"""What the name says already; of all others `DONE`, unless whoever adds the entry says otherwise."""
INSTALLED = "workspace.installed"
RESTARTED = "chain.restarted"
"""The entry from which on there is a key; it names the last one of before."""
NO_KEY = ""
"""The key id of entries of before: a bare SHA-256, which whoever writes the table can make anew."""
START = "0" * 64
LARGEST = int(sys.float_info.max)

KeysById = Mapping[str, bytes]


class NoKey(RuntimeError):
    """Whoever opened this database gave no key, and so can add nothing to the audit."""


@dataclass
class AuditKeys:
    """By the id of the master key that each was made from, the newest first.

    ``again`` reads them once more: an entry may have come under one that was made since.
    """

    known: KeysById = field(repr=False)
    again: Callable[[], KeysById] | None = field(default=None, repr=False)

    @property
    def newest(self) -> tuple[str, bytes]:
        if not self.known:
            raise NoKey("there is no key for the audit")
        return next(iter(self.known.items()))

    def of(self, key_id: str) -> bytes | None:
        if key_id not in self.known and self.again:
            self.known = {**self.again(), **self.known}
        return self.known.get(key_id)


def canonical(value: Any) -> str:
    """One text for one value; what no database keeps is replaced before."""
    return json.dumps(json.loads(plain(as_json(value))), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def body_of(entry: AuditEntry, detail: Mapping[str, Any]) -> str:
    """What is sealed, byte for byte; the columns beside it are copies for searching."""
    told = {"at": entry.at.astimezone(UTC).isoformat(), "actor": entry.actor, "action": entry.action}
    return canonical({**told, "subject": entry.subject, "outcome": entry.outcome, "detail": dict(detail)})


def start(key: bytes, workspace: str) -> str:
    """Another for each workspace, or a whole chain could be carried from one to the other."""
    return hmac.digest(key, workspace.encode(), "sha256").hex()


def seal(key: bytes, before: str, number: int, body: str) -> str:
    """Over the seal before and the place too: no entry can be taken out, put between or moved."""
    return hmac.digest(key, bytes.fromhex(before) + number.to_bytes(8, "big") + body.encode(), "sha256").hex()


def holds_unsealed(entry: AuditEntry, before: str) -> bool:
    """The rule of before: SHA-256 without a key, over the values."""
    # Up to 0.1.0 PostgreSQL gave 1e+16 back as an integer; the hash tells which of the two it was.
    detail = json.loads(entry.body)
    return entry.mac in (digest(entry, detail, before), digest(entry, _as_floats(detail), before))


def digest(entry: AuditEntry, detail: Any, before: str) -> str:
    said = [entry.workspace_id, entry.number, entry.at.astimezone(UTC).isoformat(), entry.actor, entry.action]
    whole = json.dumps([*said, entry.subject, detail, before], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def _as_floats(value: Any) -> Any:
    """With the floats that JSONB once made integers of: Python writes those from here on with an exponent."""
    if isinstance(value, dict):
        return {name: _as_floats(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_floats(each) for each in value]
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    exact = 10**16 <= abs(value) <= LARGEST and int(float(value)) == value  # else it was an integer all along
    return float(value) if exact else value
