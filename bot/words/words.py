"""One language's words: messages of its catalogue with values put in, as text or as markup."""

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from unicodedata import bidirectional

from markupsafe import Markup, escape

from bot.words.catalogues import catalogue, message
from bot.words.languages import LANGUAGES, Language

if TYPE_CHECKING:
    from icu4py.messageformat import MessageFormat

Value = str | bool | int | float | date | timedelta
"""A truth chooses between `yes` and `other` of a message; text is what people typed."""
_FROM_RIGHT = frozenset({"R", "AL"})
NOON = time(12)
"""Of a day in whatever zone ICU takes for its own: no zone puts its clocks forward then, so the day stays itself."""
_ISOLATED = "\u2068{}\u2069"


class Words:
    """Called with a key and its values, it gives the text; a time given as `timedelta` is put in words."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: Value) -> str:
        """Plain text; what people typed is kept from turning the sentence round it. Raises KeyError."""
        return self._formatted(key, {name: self._plain(value) for name, value in values.items()})

    def html(self, key: str, **values: Value) -> Markup:
        """The same as markup: the message may hold tags, a value only where it is `Markup` itself."""
        text = self._formatted(key, {name: self._marked_up(value) for name, value in values.items()})
        return Markup(text)  # noqa: S704 - the catalogues are ours, and each value was escaped

    def knows(self, key: str) -> bool:
        area, _, name = key.partition(".")
        return name in catalogue(self.language.code).get(area, {})

    def handed(self, *names: str) -> Mapping[str, str]:
        """Messages as they stand, for scripts, which put in names by themselves: of whole areas by key alone,
        single ones by ``area.key``.
        """
        single = {name: message(self.language.code, name) for name in names if "." in name}
        whole = [catalogue(self.language.code)[name] for name in names if "." not in name]
        return single | {key: text for area in whole for key, text in area.items()}

    def lasting(self, time: timedelta) -> str:
        """Such as «20 seconds» or «3 days»: rounded up, for nothing is over before it is."""
        seconds = max(1, math.ceil(time.total_seconds()))
        for unit, size, least in (("day", 86_400, 172_800), ("hour", 3_600, 5_400), ("minute", 60, 90)):
            if seconds >= least:
                return _formatter(self.language.code, _MEASURED.format(unit)).format({"n": math.ceil(seconds / size)})
        return _formatter(self.language.code, _MEASURED.format("second")).format({"n": seconds})

    def _formatted(self, key: str, values: dict[str, Any]) -> str:
        return _formatter(self.language.code, message(self.language.code, key)).format(values)

    def _plain(self, value: Value) -> str | int | float | date:
        if isinstance(value, timedelta):
            return self.lasting(value)
        if isinstance(value, bool):
            return _chosen(value)
        if isinstance(value, date):
            return datetime.combine(value, NOON)
        turns = isinstance(value, str) and (
            self.language.direction == "rtl" or any(bidirectional(letter) in _FROM_RIGHT for letter in value)
        )
        return _ISOLATED.format(value) if turns and value else value

    def _marked_up(self, value: Value) -> str | int | float | date:
        if isinstance(value, timedelta):
            return str(escape(self.lasting(value)))
        if isinstance(value, bool | date):
            return self._plain(value)
        if isinstance(value, Markup) or not isinstance(value, str):
            return value
        return f"<bdi>{escape(value)}</bdi>" if value else value


def _chosen(yes: bool) -> str:
    return "yes" if yes else "no"


_MEASURED = "{{n, number, ::unit/{} unit-width-full-name}}"


@cache
def of(language: str) -> Words:
    """By its code; English for one that is not ours, since a link may be older than its choice."""
    return Words(LANGUAGES.get(language) or next(iter(LANGUAGES.values())))


@cache
def _formatter(language: str, pattern: str) -> "MessageFormat":
    # Loaded with the first word: a process that no guest asks anything keeps its memory.
    from icu4py.messageformat import MessageFormat

    return MessageFormat(pattern, language)
