"""What a run card is: how to reach one service, as data and pure functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mcp_runtime.specs import ServerSpec, StdioSpec
from run_cards.checks import own_name

Values = Mapping[str, str]


def needed(value: str) -> str | None:
    return None if value.strip() else "This is needed."


def optional(value: str) -> str | None:
    return None


@dataclass(frozen=True)
class Field:
    """One question of a card's form."""

    name: str
    label: str
    hint: str = ""
    placeholder: str = ""
    secret: bool = False
    """Never asked in Slack while a ticket page can be."""
    check: Callable[[str], str | None] = needed
    """The complaint to show under the field, or None."""


def a_name(value: str) -> str | None:
    """A member's own name for a connection, or none."""
    return own_name(value) if value.strip() else None


ANOTHER = Field(
    "account",
    "Name",
    hint="Your own name for it, to tell it from others. Left empty, it is called like the service.",
    placeholder="At work",
    check=a_name,
)
"""Asked beside the fields of a card that has no name of its own, in every form."""


@dataclass(frozen=True)
class RunCard:
    """A service ready to be connected: what to ask, and the server it makes."""

    name: str
    title: str
    about: str
    fields: tuple[Field, ...]
    server: Callable[[Values], ServerSpec]
    """Raises nothing: ``complaints`` was empty before it is called."""
    titled: Callable[[Values], str] | None = None
    """The connection's title when it depends on the form; else the card's."""
    reads: frozenset[str] = frozenset()
    """Tools of this service that only read, by our own reading of it: these run without asking."""
    icon: str = ":electric_plug:"
    notes: tuple[str, ...] = field(default=())
    """Sentences shown on the form."""
    example: str = ""
    """A first question for it, offered once it is connected."""
    shared: str | None = field(default=None, repr=False)
    """The installation's own token for this service, used for every member in place of one of theirs."""

    def complaints(self, values: Values) -> dict[str, str]:
        """Each field's complaint, by field name; empty when all is well."""
        asked = (*self.fields, *([ANOTHER] if ANOTHER.name in values else []))
        found = ((each.name, each.check(values.get(each.name, ""))) for each in asked if not each.secret)
        return {name: complaint for name, complaint in found if complaint}

    @property
    def is_program(self) -> bool:
        """Its server runs here, as a child of Usher, whatever the form says."""
        return not self.fields and isinstance(self.server({}), StdioSpec)

    @property
    def secret(self) -> Field | None:
        return next((each for each in self.fields if each.secret), None)

    def unnamed(self, values: Values) -> bool:
        """It was asked for a name, and none was given: any that is free will do."""
        asked = [name for name in (ANOTHER.name, "name") if name in values]
        return bool(asked) and not any(values[name].strip() for name in asked)

    def title_for(self, values: Values) -> str:
        if named := values.get(ANOTHER.name, "").strip():
            return named
        return self.titled(values) if self.titled else self.title
