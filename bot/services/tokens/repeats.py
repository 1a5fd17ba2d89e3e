"""Requests that are sent again by the key that their caller gave them: done once, and answered as the first time.

What was answered is sealed by a key that only whoever holds the token can make: an answer may hold a link's address.
"""

import os
from dataclasses import dataclass
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import FormError, UserError
from bot.services.tokens.access import Caller
from bot.services.tokens.forms import server_key
from storage.database import Database
from storage.schema import now

KEPT = timedelta(hours=24)
SHORTEST, LONGEST = 16, 128
NONCE = 12
OTHER = "This key came before, with another request. Give each request one of its own."
UNDER_WAY = "The first request with this key is still at work, or broke off: look what came of it before asking anew."


@dataclass(frozen=True)
class Request:
    """``key`` is its caller's, ``digest`` of all that it asks."""

    caller: Caller
    key: str
    digest: bytes


@dataclass(frozen=True)
class Answered:
    status: int
    body: bytes


class Repeats:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def begin(self, request: Request, token: str) -> Answered | None:
        """What was answered before; None: it is new, and has to be ended. Raises `UserError` while it is neither."""
        whose = request.caller.member.workspace, request.caller.token_id, request.key
        async with self._db.begin() as tables:
            if await tables.api_requests.begin(*whose, request.digest, now()):
                return None
            found = await tables.api_requests.get(*whose)
        if found is not None and found.digest != request.digest:
            raise FormError({"Idempotency-Key": OTHER})
        if found is None or found.status is None or found.answer is None:
            raise UserError(UNDER_WAY)
        return Answered(found.status, _opened(found.answer, token, request.key))

    async def end(self, request: Request, token: str, answered: Answered) -> None:
        whose = request.caller.member.workspace, request.caller.token_id, request.key
        async with self._db.begin() as tables:
            await tables.api_requests.end(*whose, answered.status, _sealed(answered.body, token, request.key))

    async def give_up(self, request: Request) -> None:
        """It was refused, and nothing was done: it may come again."""
        whose = request.caller.member.workspace, request.caller.token_id, request.key
        async with self._db.begin() as tables:
            await tables.api_requests.forget(*whose)


def _sealed(body: bytes, token: str, key: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + _by(token).encrypt(nonce, body, key.encode())


def _opened(sealed: bytes, token: str, key: str) -> bytes:
    try:
        return _by(token).decrypt(sealed[:NONCE], sealed[NONCE:], key.encode())
    except InvalidTag as error:
        raise UserError(UNDER_WAY) from error


def _by(token: str) -> AESGCM:
    return AESGCM(server_key(token.encode(), "answers to requests"))
