"""How often the passcode of a link may be guessed: a few times from one network, some more from all together."""

from bot.services.limits import rates
from bot.services.limits.rates import HOUR, Bucket
from storage.database import Tables
from storage.repositories.work.rates import Limit

FROM_ONE = Limit(burst=5, every_microseconds=HOUR // 10)
OF_LINK = Limit(burst=60, every_microseconds=HOUR // 60)
ODD = Limit(burst=8, every_microseconds=HOUR // 8)
"""Wrong ones that people make who mistype; of more the link's creator is told."""
CODES_FROM_ONE = Limit(burst=3, every_microseconds=HOUR // 6)
CODES_OF_LINK = Limit(burst=5, every_microseconds=24 * HOUR // 10)
"""With three tries each, a stranger who has the address has one chance in thirty thousand a day."""


async def charge(tables: Tables, key: bytes, link_id: str, ip: str) -> None:
    """Both or neither; raises `Refused`, and then the caller's transaction takes back what was spent."""
    await rates.take_all(tables, _buckets(key, link_id, ip))


async def give_back(tables: Tables, key: bytes, link_id: str, ip: str) -> None:
    """It was right: who knows the passcode is no guesser, and neither is their office."""
    for bucket in sorted(_buckets(key, link_id, ip), key=lambda each: each.key):
        await tables.rates.give_back(bucket.key, bucket.limit)


async def charge_sending(tables: Tables, key: bytes, link_id: str, ip: str) -> None:
    """For a code that is sent; raises `Refused` as `charge` does."""
    numbers = {"most": CODES_OF_LINK.burst, "daily": 10}
    buckets = [Bucket(rates.hidden(key, "codes of link", link_id), CODES_OF_LINK, "codes_of_link", numbers)]
    numbers = {"most": CODES_FROM_ONE.burst, "hourly": 6}
    buckets += rates.of_network(key, "codes", ip, CODES_FROM_ONE, "codes", numbers, within=link_id)
    await rates.take_all(tables, buckets)


async def is_odd(tables: Tables, key: bytes, link_id: str) -> bool:
    """One more wrong one; True when there were more than people make."""
    return not await rates.has_room(tables, rates.hidden(key, "wrong passcode", link_id), ODD)


def _buckets(key: bytes, link_id: str, ip: str) -> list[Bucket]:
    numbers = {"most": OF_LINK.burst, "hourly": 60}
    found = [Bucket(rates.hidden(key, "passcode of link", link_id), OF_LINK, "passcode", numbers)]
    numbers = {"most": FROM_ONE.burst, "hourly": 10}
    return found + rates.of_network(key, "passcode", ip, FROM_ONE, "passcode", numbers, within=link_id)
