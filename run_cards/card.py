"""What a run card is: how to reach one service, as data and pure functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mcp_runtime.specs import TOKEN, ServerSpec, StdioSpec
from mcp_runtime.tools.tools import Cost, DryRun, Phrase
from run_cards.fields import ANOTHER, Field, Kind, Option, a_name, needed, optional, plain

__all__ = [
    "ANOTHER",
    "Cost",
    "DryRun",
    "Field",
    "Kind",
    "Limits",
    "OAuth",
    "Option",
    "Phrase",
    "RunCard",
    "Values",
    "a_name",
    "needed",
    "optional",
]

Values = Mapping[str, str]
ArgumentCheck = Callable[[Mapping[str, Any], ServerSpec], str | None]
"""From a call's arguments, and how its server is reached, to a complaint that the model can act on, or None."""


@dataclass(frozen=True)
class OAuth:
    """The service signs its members in itself."""

    scopes: tuple[str, ...] = ()
    """The least that its tools need; empty: what the service names when it is asked."""
    client: str = ""
    """Name of an entry of `MCP_OAUTH_CLIENTS`, for a service that registers no clients by itself."""


@dataclass(frozen=True)
class Limits:
    """None: what holds for every card."""

    seconds: float | None = None
    """For one call. How much memory a program gets is said where the program is."""


@dataclass(frozen=True)
class RunCard:
    """A service ready to be connected: what to ask, and the server it makes."""

    name: str
    title: str
    about: str
    fields: tuple[Field, ...]
    server: Callable[[Values], ServerSpec]
    """Raises nothing: ``complaints`` was empty before it is called, and every open field has a value."""
    titled: Callable[[Values], str] | None = None
    """The connection's title when it depends on the form; else the card's."""
    reads: frozenset[str] = frozenset()
    """Tools of this service that only read, by our own reading of it: these run without asking."""
    own_server: bool = False
    """Its server is a program of ours, which decides itself what reads: what it says of its tools is taken as read."""
    public: bool = False
    """What it gives is known to anybody: it may be shown to others without asking its member."""
    icon: str = ":electric_plug:"
    notes: tuple[str, ...] = field(default=())
    """Sentences shown on the form."""
    example: str = ""
    """A first question for it, offered once it is connected."""
    questions: tuple[str, ...] = ()
    """More to try after the first."""
    documentation: str = ""
    """The service's own page about its server."""
    costs: Mapping[str, Cost] = field(default_factory=dict)
    """What calls of a tool cost that costs money or quota, by its own name."""
    phrases: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    """What a call of a tool that may change something does, in words; by the tool's own name."""
    private: bool = False
    """What its tools give is never kept to be found again."""
    limits: Limits = Limits()
    oauth: OAuth | None = None
    together: Callable[[Values], dict[str, str]] | None = None
    """Complaints about how what is entered apart from the form goes together, by field name."""
    argument_checks: Mapping[str, ArgumentCheck] = field(default_factory=dict)
    """By the tool's own name."""
    shared_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What is not each member's own but one for all, such as the installation's token: by the field of the spec."""

    def complaints(self, values: Values) -> dict[str, str]:
        """Each field's complaint, by field name; empty when all is well."""
        asked = (*self.fields, *([ANOTHER] if ANOTHER.name in values else []))
        apart = set(self.entered)
        found = ((each.name, each.complaint(values.get(each.name, ""))) for each in asked if each not in apart)
        return {name: complaint for name, complaint in found if complaint}

    def filled(self, answers: Mapping[str, Any]) -> dict[str, str]:
        """As text, with the default of each open field that was not asked."""
        defaults = {each.name: each.default for each in self.fields if not each.secret}
        return defaults | {name: plain(answer) for name, answer in answers.items()}

    def frees(self, tool: str, *, hinted_reading: bool) -> bool:
        """Whether this tool runs without asking; ``hinted_reading`` is what its server says of it."""
        return tool in self.reads or (self.own_server and hinted_reading)

    @property
    def is_program(self) -> bool:
        """Its server runs here, as a child of Usher, whatever the form says."""
        return isinstance(self.server(self.filled({})), StdioSpec)

    @property
    def secrets(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if each.secret)

    @property
    def entered(self) -> tuple[Field, ...]:
        """What is asked apart from the form: the secrets, and what is asked with them."""
        return tuple(each for each in self.fields if each.secret or each.later)

    @property
    def secret(self) -> Field | None:
        """The first of them."""
        return next(iter(self.secrets), None)

    @property
    def needs_secrets(self) -> bool:
        """False also where all may be left out."""
        return any(not each.optional for each in self.secrets)

    @property
    def shared(self) -> str | None:
        """The installation's own token for this service, where that is the one secret."""
        return self.shared_secrets.get(TOKEN)

    @property
    def is_shared(self) -> bool:
        """It is used by every member with the same secrets."""
        return bool(self.shared_secrets)

    @property
    def to_try(self) -> tuple[str, ...]:
        return tuple(each for each in (self.example, *self.questions) if each)

    def secret_complaints(self, entered: Values) -> dict[str, str]:
        """As ``complaints``, of what is entered apart from the form."""
        found = ((each.name, each.complaint(entered.get(each.name, ""))) for each in self.entered)
        told = {name: complaint for name, complaint in found if complaint}
        return told or (self.together(entered) if self.together else {})

    def unnamed(self, values: Values) -> bool:
        """It was asked for a name, and none was given: any that is free will do."""
        asked = [name for name in (ANOTHER.name, "name") if name in values]
        return bool(asked) and not any(values[name].strip() for name in asked)

    def title_for(self, values: Values) -> str:
        if named := values.get(ANOTHER.name, "").strip():
            return named
        return self.titled(values) if self.titled else self.title
