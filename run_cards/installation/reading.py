"""Cards that an installation adds to the product's own, from a YAML or JSON file."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mcp_runtime.specs import TOKEN, HttpSpec, ServerSpec
from run_cards.card import Field, OAuth, RunCard, Values, needed
from run_cards.checks import one_word
from run_cards.installation.entries import MOST, Entry, File
from run_cards.installation.text import Text, Unreadable

SHARED = "One click: your admins have set up access for everybody."
OPEN = "It needs no account: one click connects it."
INLINE = "A token never stands in this file: name the variable (token_variable) or file (token_file) that holds it."
SECRETS = {"token", "secret", "password", "api_key", "apikey", "bearer", "headers", "authorization"}
SENTENCES = {
    "missing": "is missing",
    "string_type": "has to be text: put it in quotes",
    "list_type": "has to be a list",
    "model_type": "has to be a card with name, title, about, url and authentication",
    "literal_error": "has to be none, token, shared or oauth",
    "extra_forbidden": "is no field of a card",
    "too_long": "is too long",
}


@dataclass(frozen=True)
class Sources:
    """Where the tokens of shared access come from."""

    variable: Callable[[str], str | None]
    file: Callable[[str], str]
    """Its text, from a path as the cards' file says it; raises OSError or ValueError."""
    reserved: Collection[str] = ()
    """Variables that hold something else, which no server may be sent."""


class Wrong(Exception):
    """The file cannot be used. Each of ``lines`` says where and why, with no token in it."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def read(text: str, own: Iterable[RunCard], sources: Sources, *, is_json: bool = False) -> tuple[RunCard, ...]:
    """The cards of this text, whose names differ from those of ``own``; raises `Wrong` with all that is."""
    try:
        source = Text(text, is_json=is_json)
    except Unreadable as error:
        raise Wrong([str(error)]) from None
    wrong = [_told(source, path, "is said twice.") for path in source.said_twice]
    entries: list[Entry] = []
    try:
        entries = File.model_validate(source.content).cards
    except ValidationError as error:
        wrong += [_told(source, each["loc"], _sentence(each)) for each in error.errors(include_input=False)]
    wrong += [_told(source, path, complaint) for path, complaint in _clashes(entries, own)]
    cards: list[RunCard] = []
    for number, entry in enumerate(entries):
        try:
            cards.append(_card(entry, sources))
        except _NoToken as error:
            wrong.append(_told(source, ("cards", number, error.field), str(error)))
    if wrong:
        raise Wrong(wrong)
    return tuple(cards)


def _told(source: Text, path: Sequence[str | int], complaint: str) -> str:
    """One that begins with a small letter goes on from the field's name."""
    place = source.place(path)
    return f"{place}{' ' if complaint[0].islower() or not place else ': '}{complaint}".strip()


def _sentence(error: Any) -> str:
    kind, name = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden" and name.casefold() in SECRETS:
        return INLINE
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind == "too_long" and name == "cards":
        return f"An installation may add {MOST} cards."
    if kind in ("model_type", "missing", "list_type") and name in ("", "cards"):
        return "The file has to begin with cards: and list them below."
    return f"{SENTENCES.get(kind, 'cannot be used')}."


def _clashes(entries: Sequence[Entry], own: Iterable[RunCard]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """A name or title leads to one card, also where it is typed after a command."""
    taken = {word.casefold(): "one of Usher's own cards" for card in own for word in (card.name, card.title)}
    for number, entry in enumerate(entries):
        for field, word in (("name", entry.name), ("title", entry.title)):
            if holder := taken.get(word.casefold()):
                yield ("cards", number, field), f"is that of {holder}: choose another."
        taken |= {word.casefold(): f"card {number + 1}" for word in (entry.name, entry.title)}


class _NoToken(Exception):
    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def _card(entry: Entry, sources: Sources) -> RunCard:
    def server(values: Values) -> ServerSpec:
        return HttpSpec(entry.url)

    def token(value: str) -> str | None:
        return needed(value) or one_word(value)

    asked = Field("token", "Access token", hint=entry.token_hint, secret=True, check=token)
    return RunCard(
        name=entry.name,
        title=entry.title,
        about=entry.about,
        fields=(asked,) if entry.authentication == "token" else (),
        server=server,
        reads=frozenset(entry.read_only),
        costs={name: each.cost for name, each in entry.costs.items()},
        icon=f":{entry.icon.strip(':')}:",
        notes={"none": (OPEN,), "shared": (SHARED,)}.get(entry.authentication, ()),
        example=entry.example,
        oauth=OAuth(tuple(entry.scopes), entry.client) if entry.authentication == "oauth" else None,
        shared_secrets={TOKEN: _shared(entry, sources)} if entry.authentication == "shared" else {},
    )


def _shared(entry: Entry, sources: Sources) -> str:
    if name := entry.token_variable:
        field = "token_variable"
        if name.upper() in sources.reserved:
            raise _NoToken(field, f"{name} is one of Usher's own settings, which no server may be sent.")
        missing = "the variable of this name is not set."  # which may be the token itself, put in the wrong place
    else:
        field, missing = "token_file", "is empty."
        if Path(entry.token_file).name.upper() in sources.reserved:
            raise _NoToken(field, "It names the file of one of Usher's own settings, which no server may be sent.")
    try:
        found = sources.variable(name) or "" if name else sources.file(entry.token_file)
    except OSError as error:
        raise _NoToken(field, f"what it names cannot be read ({error.strerror}).") from None
    except ValueError:
        raise _NoToken(field, "what it names holds no text.") from None
    if not found.strip():
        raise _NoToken(field, missing)
    if one_word(found):
        raise _NoToken(field, "what it names holds no token: that is one word, without “Bearer”.")
    return found.strip()
