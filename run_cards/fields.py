"""The questions of a card's form: what kind each is, what may be answered, and where it is asked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from run_cards.checks import own_name

ON = "on"
"""What a switch holds that is on; one that is off holds nothing."""
NOT_OFFERED = "Choose what is offered here."
SEVERAL = ","
"""Between the chosen values of one field: no value has it."""


class Kind(StrEnum):
    TEXT = "text"
    LONG = "long"
    """Several lines."""
    CHOICE = "choice"
    """One of its options."""
    CHOICES = "choices"
    """Any of them; the answer names them with commas between."""
    SWITCH = "switch"


def needed(value: str) -> str | None:
    return None if value.strip() else "This is needed."


def optional(value: str) -> str | None:
    return None


def a_name(value: str) -> str | None:
    """A member's own name for a connection, or none."""
    return own_name(value) if value.strip() else None


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    about: str = ""


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
    """The complaint to show under the field, or None; asked once the answer fits the kind."""
    kind: Kind = Kind.TEXT
    options: tuple[Option, ...] = ()
    default: str = ""
    """What the form holds before anybody has answered, and what counts where it was not asked."""

    later: bool = False
    """No secret itself, and asked together with the secrets: once it is known that there are any."""
    fold: str = ""
    """Shown only to whoever opens what is called so; neighbours of one fold are shown together."""

    @property
    def optional(self) -> bool:
        return self.complaint("") is None

    def complaint(self, answer: str) -> str | None:
        """Also about what the form could not have sent."""
        if self.kind is Kind.SWITCH:
            return None if answer in ("", ON) else NOT_OFFERED
        offered = {option.value for option in self.options}
        if self.kind is Kind.CHOICE and answer and answer not in offered:
            return NOT_OFFERED
        if self.kind is Kind.CHOICES and not set(chosen(answer)) <= offered:
            return NOT_OFFERED
        return self.check(answer)


def chosen(answer: str) -> tuple[str, ...]:
    """The values of a field of `Kind.CHOICES`."""
    return tuple(value for value in answer.split(SEVERAL) if value)


def plain(answer: str | Iterable[str]) -> str:
    """One text, also of an answer that came as a list."""
    return answer if isinstance(answer, str) else SEVERAL.join(answer)


ANOTHER = Field(
    "account",
    "Name",
    hint="Your own name for it, to tell it from others. Left empty, it is called like the service.",
    placeholder="At work",
    check=a_name,
)
"""Asked beside the fields of a card that has no name of its own, in every form."""
