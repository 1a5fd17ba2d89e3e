"""A connection's own secret in what its server says: left out before a model, a log or the database has it.

Servers repeat what they were sent, in the text of an error above all. One that wants to give a secret away can write
it in a hundred ways; it knows the secret anyway. This is for those that do not want to.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from mcp import types

from mcp_runtime.transports.fair_turns import FairTurns

LEFT_OUT = "⟨secret left out⟩"
LEAST = 6
"""Characters: a shorter one would be found in words that mean nothing by it."""
LEAST_ENCODED = 8
AT_ONCE, PARTS_AT_ONCE = 1 << 19, 5000
"""Characters of a text, and texts, that are looked through without a turn for others."""
LONGEST = 1 << 16
"""Characters of a form of a secret: what may begin in one look and end in the next."""


class Echoes:
    """``held`` tells the secrets that are sent at present: a token may be renewed while a session is open."""

    def __init__(self, held: Callable[[], Iterable[str]] = tuple) -> None:
        self._held = held
        self._known: tuple[str, ...] = ()
        self._pattern: re.Pattern[str] | None = None

    async def leave_out(self, message: types.JSONRPCMessage, turns: FairTurns) -> None:
        """Of a message of any kind, in place; while a long one is looked through others have their turns."""
        pattern = self._now()
        if pattern is None:
            return
        if isinstance(message, types.JSONRPCError):
            error = message.error
            if await _is_said(pattern, [error.message, error.data], turns):
                told, data = pattern.sub(LEFT_OUT, error.message), _without(pattern, error.data)
                message.error = types.ErrorData(code=error.code, message=told, data=data)
            return
        said = message.result if isinstance(message, types.JSONRPCResponse) else message.params
        if said and await _is_said(pattern, said, turns):
            kept = _without(pattern, said)
            said.clear()
            said.update(kept)

    def without(self, value: Any) -> Any:
        """The value without them; itself where it has none."""
        pattern = self._now()
        return value if pattern is None or not any(_says(pattern, value)) else _without(pattern, value)

    def _now(self) -> re.Pattern[str] | None:
        held = tuple(self._held())
        if held != self._known:
            forms = sorted({form for each in held for form in _forms(each)}, key=len, reverse=True)
            self._known, self._pattern = held, re.compile("|".join(map(re.escape, forms))) if forms else None
        return self._pattern


def _forms(secret: str) -> Iterator[str]:
    for part in {secret, *_parts(secret)}:
        if len(part) < LEAST:
            continue
        yield part
        yield quote(part, safe="")
        yield json.dumps(part, ensure_ascii=False)[1:-1]  # in a text that is JSON
        for form in _encoded(part.encode("utf-8", "surrogatepass")):
            if len(form) >= LEAST_ENCODED:
                yield from (form, form.translate(str.maketrans("+/", "-_")))


def _parts(secret: str) -> Iterator[str]:
    """What is the secret in it: the word behind a scheme, and the password of an address."""
    scheme, _, rest = secret.partition(" ")
    if rest:
        yield rest
        if scheme.casefold() == "basic":
            with suppress(binascii.Error, ValueError):
                yield base64.b64decode(rest, validate=True).decode().partition(":")[2]
    with suppress(ValueError):
        if password := urlsplit(secret).password:
            yield from (password, unquote(password))


def _encoded(part: bytes) -> Iterator[str]:
    """In base64, wherever in a longer text it stands: the letters that its neighbours have no part in."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + part).decode().rstrip("=")
        yield whole[(0, 2, 3)[before] : len(whole) - ((before + len(part)) % 3 > 0)]


async def _is_said(pattern: re.Pattern[str], value: Any, turns: FairTurns) -> bool:
    looks = _says(pattern, value)
    while (found := turns.work(lambda: next(looks, None))) is not None:
        if found:
            return True
        await turns.others()
    return False


def _says(pattern: re.Pattern[str], value: Any) -> Iterator[bool]:
    """Level by level, so that no depth is too deep for it; a long text, and many short ones, in several looks."""
    left, looked = [value], 0
    while left:
        each, looked = left.pop(), looked + 1
        if looked % PARTS_AT_ONCE == 0:
            yield False
        if isinstance(each, str):
            if len(each) <= AT_ONCE:
                if pattern.search(each):
                    yield True
                continue
            for start in range(0, len(each), AT_ONCE):
                yield pattern.search(each, start, start + AT_ONCE + LONGEST) is not None
        elif isinstance(each, dict):
            left += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            left += each


def _without(pattern: re.Pattern[str], value: Any) -> Any:
    if isinstance(value, str):
        return pattern.sub(LEFT_OUT, value)
    if isinstance(value, list):
        return [_without(pattern, each) for each in value]
    if isinstance(value, dict):
        return {_without(pattern, name): _without(pattern, each) for name, each in value.items()}
    return value
