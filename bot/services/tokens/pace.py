"""How often a token may ask, by all doors together."""

from bot.services.tokens.access import Caller
from storage.repositories.work.rates import SECOND, Limit

MINUTE = Limit(burst=300, every_microseconds=60 * SECOND // 300)


def key_of(caller: Caller) -> str:
    return f"api:{caller.token_id}"
