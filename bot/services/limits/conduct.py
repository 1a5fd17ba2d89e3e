"""What no guest does who means it well: the same words again and again, heaps of links, floods. It slows, then ends."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping

from bot.services.limits.rates import HOUR, MESSAGES, MINUTE, Bucket, hidden
from bot.services.limits.refusals import refused
from storage.database import Tables
from storage.repositories.work.rates import SECOND, Limit

MOST_LINKS = 5
SHORT = 20
"""Characters: «yes» may be said as often as it is asked for."""
REPEATS = Limit(burst=2, every_microseconds=5 * MINUTE)
OFFENCES = Limit(burst=4, every_microseconds=HOUR // 4)
FLOOD = Limit(burst=60, every_microseconds=10 * SECOND)
"""Refused messages: nobody whose page counts down for them comes near it."""
SLOWED_BY = 4
"""Of the messages of a minute, for each offence."""
_JUDGED: Mapping[str, Limit] = {
    "repeated": OFFENCES,
    "many_links": OFFENCES,
    "too_fast": FLOOD,
    "per_minute": FLOOD,
    "queue": FLOOD,
}
_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


def check_links(text: str) -> None:
    if len(_LINK.findall(text)) > MOST_LINKS:
        raise refused("many_links", most=MOST_LINKS)


def repeats(key: bytes, session_id: str, text: str) -> tuple[Bucket, ...]:
    """What these words may be said again from, written in capitals or not, with more space or with less."""
    said = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if len(said) <= SHORT:
        return ()
    digest = hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()
    return (Bucket(hidden(key, "words", f"{session_id}:{digest}"), REPEATS, "repeated", {}),)


async def judge(tables: Tables, key: bytes, session_id: str, code: str, now_us: int) -> bool:
    """After a refusal; True when it was one too many, and the chat is to end. In a transaction of its own."""
    limit = _JUDGED.get(code)
    if limit is None:
        return False
    if limit is OFFENCES:
        slow = hidden(key, "message:session:minute", session_id)
        await tables.rates.take(slow, MESSAGES["session:minute"].limit, now_us, SLOWED_BY)
    kind = "offences" if limit is OFFENCES else "flood"
    return not (await tables.rates.take(hidden(key, kind, session_id), limit, now_us)).allowed
