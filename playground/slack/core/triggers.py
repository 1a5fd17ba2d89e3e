"""What an interaction hands to the app for its answer: triggers (3 s, once) and response URLs (30 min, five times)."""

import secrets
from dataclasses import dataclass, field

from playground.slack.core.clock import Clock
from playground.slack.core.refusal import Refused

TRIGGER_SECONDS, RESPONSE_SECONDS, RESPONSE_USES = 3.0, 1800.0, 5


@dataclass
class Response:
    """Where an answer to a response URL goes, and which message it may replace."""

    person: str
    channel: str
    original: str | None = None
    born: float = 0.0
    uses: int = 0
    key: str = field(default_factory=lambda: secrets.token_urlsafe(12))


class Triggers:
    def __init__(self, clock: Clock, trigger_seconds: float = TRIGGER_SECONDS) -> None:
        self._clock, self._trigger_seconds = clock, trigger_seconds
        self._born: dict[str, tuple[str, float]] = {}
        self._spent: set[str] = set()
        self._responses: dict[str, Response] = {}

    def new(self, person: str) -> str:
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._born[trigger_id] = person, self._clock()
        return trigger_id

    def redeem(self, trigger_id: str) -> str:
        """The person who pressed; raises the three refusals that Slack knows."""
        if trigger_id not in self._born:
            raise Refused("invalid_trigger_id")
        if trigger_id in self._spent:
            raise Refused("exchanged_trigger_id")
        self._spent.add(trigger_id)
        person, born = self._born[trigger_id]
        if self._clock() - born > self._trigger_seconds:
            raise Refused("expired_trigger_id")
        return person

    def respond_to(self, response: Response) -> str:
        response.born = self._clock()
        self._responses[response.key] = response
        return response.key

    def use(self, key: str) -> Response:
        response = self._responses.get(key)
        if response is None or self._clock() - response.born > RESPONSE_SECONDS:
            raise Refused("expired_url")
        if response.uses == RESPONSE_USES:
            raise Refused("used_url")
        response.uses += 1
        return response
