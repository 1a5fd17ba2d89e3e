"""How often the passcode of a link may be guessed: a few times from one network, some more from all together."""

from bot.services.limits import limits
from bot.services.limits.limits import SECOND
from storage.database import Tables
from storage.repositories.work.rates import Limit

HOUR = 3_600 * SECOND
FROM_ONE = Limit(burst=5, every_microseconds=HOUR // 10)
OF_LINK = Limit(burst=60, every_microseconds=HOUR // 60)
ODD = Limit(burst=8, every_microseconds=HOUR // 8)
"""Wrong ones that people make who mistype; of more the link's creator is told."""
CODES_FROM_ONE = Limit(burst=3, every_microseconds=HOUR // 6)
CODES_OF_LINK = Limit(burst=5, every_microseconds=24 * HOUR // 10)
"""With three tries each, a stranger who has the address has one chance in thirty thousand a day."""
CODE = "passcode"
TOLD = "the passcode may be tried 5 times, then 10 times an hour"
TOLD_OF_LINK = "the passcode of one chat may be tried 60 times an hour"

SENT = "3 codes, then 6 an hour"
SENT_OF_LINK = "5 codes, then 10 a day"


async def charge(tables: Tables, key: bytes, link_id: str, ip: str) -> None:
    """Both or neither; raises `Refused`, and then the caller's transaction takes back what was spent."""
    await limits.take_all(tables, _buckets(key, link_id, ip), CODE)


async def give_back(tables: Tables, key: bytes, link_id: str, ip: str) -> None:
    """It was right: who knows the passcode is no guesser, and neither is their office."""
    for name, limit, _ in sorted(_buckets(key, link_id, ip), key=lambda each: each[0]):
        await tables.rates.give_back(name, limit)


async def charge_sending(tables: Tables, key: bytes, link_id: str, ip: str) -> None:
    """For a code that is sent; raises `Refused` as `charge` does."""
    buckets = [(limits.hidden(key, "codes of link", link_id), CODES_OF_LINK, SENT_OF_LINK)]
    if ip:
        buckets.append((limits.hidden(key, "codes", f"{link_id}:{ip}"), CODES_FROM_ONE, SENT))
    await limits.take_all(tables, buckets, "codes")


async def is_odd(tables: Tables, key: bytes, link_id: str) -> bool:
    """One more wrong one; True when there were more than people make."""
    return not await limits.has_room(tables, limits.hidden(key, "wrong passcode", link_id), ODD)


def _buckets(key: bytes, link_id: str, ip: str) -> list[tuple[str, Limit, str]]:
    found = [(limits.hidden(key, "passcode of link", link_id), OF_LINK, TOLD_OF_LINK)]
    if ip:
        found.append((limits.hidden(key, "passcode", f"{link_id}:{ip}"), FROM_ONE, TOLD))
    return found
