"""Whether a call would send what came from a stranger to somebody else: by which rule, and whose words they are."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.agent.model import Message, Model
from bot.services.approvals.flow.arguments import Leaf, leaves
from bot.services.approvals.flow.asked_for import asked_for
from bot.services.approvals.flow.comparing import Reading, came_from, read, runs, telling, tokens_of, told_again
from bot.services.approvals.flow.decoding import normal
from bot.services.approvals.flow.described import led_by
from bot.services.approvals.flow.orders import names_tool
from bot.services.approvals.flow.origins import Given, Origin, Origins
from mcp_runtime.tools.names import OURS
from mcp_runtime.tools.tools import Tool, ToolCall

ADDRESS, CONTENT, UNREADABLE, UNASKED = "address", "content", "unreadable", "unasked"
UNBIDDEN, ORDERED = "unbidden", "ordered"
ASKED_OF_A_READER = 60
"""Letters and digits in a row that one service is not asked for in words of another's: a name or an id is less."""
MOST_NAMED = 3
LEAST = 20
"""Characters of a value that may be a cipher, or long."""
_CIPHER = re.compile(r"[A-Za-z0-9+/=_-]{32,}")
_NAMES = re.compile(r"(?:(?:display|real|full|user)?_?name|login|title|label|slug|handle)", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]{3,}")
_GENERAL = (
    "get set add make new the and for with from into list show read write create update delete remove send put run call"
    " all one item items data mcp server tool api"
)
_EVERY_TOOL = frozenset(_GENERAL.split())


@dataclass(frozen=True)
class Came:
    """``origins`` are titles of connections, or plain words; ``argument`` is empty where it is about the whole call."""

    rule: str
    origins: tuple[str, ...]
    argument: str = ""


class Flow:
    """Of one turn. `look` comes before each step; what it finds holds until the next.

    Who wrote the messages, a member or a guest, is taken at their own word: what they typed they may send.
    """

    def __init__(self, model: Model, *, private: bool = True) -> None:
        self._origins = Origins(model)
        self._private = private
        self._found: dict[int, Came] = {}

    async def look(self, history: Sequence[Message], calls: Sequence[ToolCall], tools: Mapping[str, Tool]) -> set[int]:
        """The positions of those that ask; ``history`` ends with the message that holds the calls."""
        given = ((at, tools.get(call.name), call.arguments) for at, call in enumerate(calls))
        found = {at: (tool, arguments) for at, tool, arguments in given if tool and self._may_send(tool, arguments)}
        # In a thread: a conversation may hold millions of characters, and others wait for the loop.
        self._found = await asyncio.to_thread(self._judged, history[:-1], found, list(tools.values())) if found else {}
        return set(self._found)

    def note(self, shown: Sequence[dict[str, Any]]) -> None:
        """Beside each call of a question, so that it names the origin, and «why?» the rule."""
        for call in shown:
            if came := self._found.get(call["position"]):
                call["flow"] = asdict(came)

    def _judged(
        self,
        history: Sequence[Message],
        calls: Mapping[int, tuple[Tool, Mapping[str, Any]]],
        offered: Sequence[Tool],
    ) -> dict[int, Came]:
        self._origins.read(history)
        judged = {at: _Judge(*call, self._origins, offered).came() for at, call in calls.items()}
        return {at: came for at, came in judged.items() if came}

    def _may_send(self, tool: Tool, arguments: Mapping[str, Any]) -> bool:
        """A name or an id alone, asked of what only reads, is never asked about.

        Usher's own tools that ask nobody tell the member alone, and show it: in a thread others see it too.
        """
        if tool.name.startswith(OURS) and not tool.guarded and (tool.reads or self._private):
            return False
        return not tool.reads or any(
            each.urls or each.mails or len(each.value) >= LEAST for each in leaves(tool, arguments)
        )


class _Judge:
    def __init__(self, tool: Tool, arguments: Mapping[str, Any], origins: Origins, offered: Sequence[Tool]) -> None:
        self._tool = tool
        self._slug = tool.name.partition("__")[0]
        self._arguments = arguments
        self._leaves = leaves(tool, arguments)
        self._origins, self._offered = origins.all, offered
        self._own, self._asked = origins.own, origins.asked

    def came(self) -> Came | None:
        rules = [self._address, self._content, self._unreadable]
        if not self._tool.reads and self._slug != OURS.strip("_"):
            rules += [self._unasked, self._ordered]
        for rule in rules:
            if came := rule():
                return came
        return None

    def _address(self) -> Came | None:
        """To whom, or where to, stands in what was read and was not the member's word."""
        for leaf in self._leaves:
            if found := [each.title for each in self._origins if self._is_led(leaf, each)]:
                return _came(ADDRESS, found, leaf.name)
        known = [self._asked, *(one.words for each in self._origins for one in each.given)]
        for leaf in self._leaves:
            if said := led_by(leaf, self._slug, self._offered, known):
                return _came(ADDRESS, said, leaf.name)
        return None

    def _is_led(self, leaf: Leaf, origin: Origin) -> bool:
        if any(self._url_from(url, origin) for url in leaf.urls):
            return True
        if any(_said(mail, origin) and not self._own.says(mail) for mail in leaf.mails):
            return True
        if self._tool.reads or not leaf.says_where or self._own.says(leaf.value) or not _said(leaf.value, origin):
            return False
        return origin.slug != self._slug or not self._named_by_member(leaf.value, origin)

    def _url_from(self, url: str, origin: Origin) -> bool:
        """What a service that only reads has told itself may be asked of it, letter by letter."""
        if self._own.says(url.rstrip(".,)")):
            return False
        hosts = [token for token in tokens_of(url) if "." in token and "/" not in token]
        led = any(_said(host, origin) and not self._own.says(host) for host in hosts) or _said(url, origin)
        same = self._tool.reads and origin.slug == self._slug
        return led and not (same and any(url.casefold() in one.words.tokens for one in origin.given))

    def _named_by_member(self, value: str, origin: Origin) -> bool:
        """An id beside a name that the member said: looking it up was the way to do what they asked for."""
        if "@" in value or "//" in value:
            return False
        return any(self._beside(value, one.value) for one in origin.given)

    def _beside(self, value: str, told: Any, deep: int = 0) -> bool:
        if deep > 12 or not isinstance(told, Mapping | list):
            return False
        if isinstance(told, list):
            return any(self._beside(value, each, deep + 1) for each in told)
        if any(normal(str(each)) == normal(value) for each in told.values() if isinstance(each, str | int)):
            names = [each for key, each in told.items() if isinstance(each, str) and _NAMES.fullmatch(key)]
            words = {word for name in names if len(name) <= 80 for word in _WORDS.findall(name.casefold())}
            if words & self._spoken():
                return True
        return any(self._beside(value, each, deep + 1) for each in told.values())

    def _content(self) -> Came | None:
        """What was read goes on to another place; that a text is put back where it stood is none."""
        together = [Leaf("", "", "".join(each.value for each in self._leaves))] if len(self._leaves) > 1 else []
        for leaf in [*self._leaves, *together]:  # what is split over several arguments is one text again
            value = read(leaf.value)
            if found := [each.title for each in self._origins if self._carries(value, each)]:
                return _came(CONTENT, found, leaf.name)
        return None

    def _carries(self, value: Sequence[Reading], origin: Origin) -> bool:
        here, own = origin.slug == self._slug, self._own
        if self._tool.reads:
            long, hidden = ASKED_OF_A_READER, value[1:]  # it may be asked for a name, but not for what was encoded
            return not here and any(
                runs(value, one.words, own, long) or came_from(hidden, one.words, own) for one in origin.given
            )
        if not here:
            return any(came_from(value, one.words, own) for one in origin.given)
        others = [one.words for one in origin.given if not self._put_back(one)]
        return any(runs(value, each, own) or told_again(value, each, own) for each in others)

    def _put_back(self, one: Given) -> bool:
        """Into the very thing that was read."""
        return bool(one.read) and all(self._arguments.get(name) == value for name, value in one.read.items())

    def _unreadable(self) -> Came | None:
        """Nobody can see whose words a cipher holds."""
        lately = self._lately()
        known = [each for each in self._origins if each.slug == self._slug or self._tool.reads]
        for leaf in self._leaves if lately else ():
            for token in _CIPHER.findall(leaf.value):
                told = any(_said(token, each) for each in known) or self._own.says(token)
                if not told and _opaque(token):
                    return _came(UNREADABLE, [each.title for each in lately], leaf.name)
        return None

    def _unasked(self) -> Came | None:
        """After others' words were read, something is changed that the member has not spoken of, or not asked for."""
        if (lately := self._lately()) and not self._spoken_of():
            return _came(UNASKED, [each.title for each in lately])
        read = self._read()
        return None if not read or self._bidden() else _came(UNBIDDEN, [each.title for each in read])

    def _bidden(self) -> bool:
        """They asked for such an act, or named whom or what it is about."""
        named = any((leaf.says_where or telling(leaf.value)) and self._asked.says(leaf.value) for leaf in self._leaves)
        return named or asked_for(self._tool.own_name, self._asked.texts)

    def _ordered(self) -> Came | None:
        """What was read speaks to an assistant, or names the very tool: it may be what has led to this."""
        led = [each for each in self._read() if any(map(self._orders, each.given))]
        return _came(ORDERED, [each.title for each in led]) if led else None

    def _orders(self, one: Given) -> bool:
        return one.to_assistant or any(names_tool(text, self._tool.own_name) for text in one.words.texts)

    def _read(self) -> list[Origin]:
        """In this turn."""
        return [each for each in self._origins if each.lately]

    def _lately(self) -> list[Origin]:
        """The same, of others than the one that is called."""
        return [each for each in self._read() if each.slug != self._slug]

    def _spoken_of(self) -> bool:
        told = " ".join([self._tool.title, self._tool.server, self._slug, self._tool.own_name])
        apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", told)
        words = {word for word in _WORDS.findall(apart.casefold())} - _EVERY_TOOL
        stems = {word[:5] for word in words}
        if stems & {word[:5] for word in self._spoken()}:
            return True
        return any(self._asked.says(leaf.value) for leaf in self._leaves)

    def _spoken(self) -> set[str]:
        return {word for text in self._asked.texts for word in _WORDS.findall(text.casefold())} - _EVERY_TOOL


def _opaque(token: str) -> bool:
    """No words of a path, and no long name in a program."""
    parts = re.split(r"[-_/=+]", token)
    return any(len(part) >= 20 and not part.isalpha() and not part.isdigit() for part in parts) or any(
        len(part) >= 40 for part in parts
    )


def _said(value: str, origin: Origin) -> bool:
    return any(one.words.says(value) for one in origin.given)


def _came(rule: str, titles: Sequence[str], argument: str = "") -> Came:
    return Came(rule, tuple(dict.fromkeys(titles))[:MOST_NAMED], argument)
