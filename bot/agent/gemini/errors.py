"""What may go wrong between us and the model's API, free of the SDK's own classes.

* Trouble
  * Refused   the API answered with an error
  * Broken    no connection, a cut, a stall
  * Garbled   the model fumbled its syntax, or said nothing at all
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any


class Trouble(Exception):
    """Between us and the model's API."""


class Broken(Trouble):
    """The connection failed, was cut, or fell silent."""


class Garbled(Trouble):
    """The same question usually fares better a second time."""


@dataclass
class Refused(Trouble):
    """``message`` may quote the request: it is for our own decisions, never for people or logs."""

    code: int
    status: str = ""
    message: str = field(default="", repr=False)
    details: list[dict[str, Any]] = field(default_factory=list, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"{self.code} {self.status}".strip()

    @property
    def spent_for_today(self) -> bool:
        """A daily quota does not come back within a turn."""
        violations = [v for detail in self.details for v in detail.get("violations", [])]
        return any("PerDay" in violation.get("quotaId", "") for violation in violations)

    @property
    def bad_key(self) -> bool:
        reasons = {detail.get("reason") for detail in self.details}
        return self.code in (401, 403) or "API_KEY_INVALID" in reasons or "API key" in self.message

    @property
    def requested_delay(self) -> float | None:
        """Seconds that the server asked for: ``Retry-After``, else ``RetryInfo.retryDelay``."""
        if (after := self.headers.get("Retry-After")) is not None:
            return _seconds(after)
        for detail in self.details:
            if detail.get("@type", "").endswith("RetryInfo"):
                return _seconds(str(detail.get("retryDelay", "")).removesuffix("s"))
        return None


def _seconds(value: str) -> float | None:
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except ValueError:
        return None
