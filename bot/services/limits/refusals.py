"""A limit is met: told in English, with all that it takes to tell a guest in their own language."""

import math
from datetime import timedelta

from bot import words
from bot.errors import Refused
from bot.words import Value


def refused(code: str, *, retry_after: float | None = None, **values: Value) -> Refused:
    """``code`` names the sentence, ``refused.<code>`` of every catalogue; ``retry_after`` is in seconds."""
    english = words.of("en")
    told = english(f"refused.{code}", **values)
    if retry_after is None:
        return Refused(told, code=code, values=values)
    seconds = max(1, math.ceil(retry_after))
    again = english("refused.again", wait=timedelta(seconds=seconds))
    return Refused(f"{told} {again}", code=code, values=values, retry_after=seconds)
