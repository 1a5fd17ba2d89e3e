"""Proof of work: a calculation that takes a browser a second or a few, and us a thousandth of one to look at."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

from bot.services.links.admission.values import Denied, denied
from storage.schema import now

LIVES = timedelta(minutes=3)
"""A phone that is slow needs some ten seconds; what was calculated in advance is of no use for long."""
LONGEST = 2_000
"""Characters of what a browser gives back; ours has about 650."""
# Each try costs 5,000 rounds, and one in 256 fits: some 300 tries, which no list that was made before can shorten.
_ALGORITHM, _COST, _PREFIX = "PBKDF2/SHA-256", 5_000, "00"


class WorkAsked(Denied):
    """What was calculated is not what was asked for, or nothing was yet; ``challenge`` is what to calculate now."""

    def __init__(self, why: Denied, challenge: dict[str, Any]) -> None:
        super().__init__(str(why), code=why.code, attack=why.attack)
        self.challenge = challenge


class Proofs:
    """``key`` signs what is asked for, so that nothing of it is kept."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    async def challenge(self, link_id: str) -> dict[str, Any]:
        """Good for starts on this link alone."""
        return await asyncio.to_thread(self._made, link_id)

    async def mark(self, link_id: str, given: str) -> str:
        """By which this proof is told from all others, to be used up once; raises `Denied` where it is none."""
        if len(given) > LONGEST:
            raise denied("work_wrong")
        return await asyncio.to_thread(self._looked_at, link_id, given)

    def _made(self, link_id: str) -> dict[str, Any]:
        from altcha import create_challenge  # loaded with the first challenge

        kept_to: dict[str, Any] = {"expires_at": now() + LIVES, "data": {"link": link_id}, "hmac_secret": self._key}
        return create_challenge(_ALGORITHM, _COST, key_prefix=_PREFIX, **kept_to).to_dict()

    def _looked_at(self, link_id: str, given: str) -> str:
        from altcha import verify_solution

        found = verify_solution(given, self._key)
        if not found.verified:
            raise denied("work_late" if found.expired else "work_wrong")
        # It is signed by us, so it has the shape that we gave it.
        asked = json.loads(base64.b64decode(given))["challenge"]["parameters"]
        if asked["data"]["link"] != link_id:
            raise denied("work_wrong")
        return str(asked["nonce"])
