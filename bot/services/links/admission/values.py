"""Who may start on a link, as its table has it, and what whoever presses Start shows for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.errors import UserError
from storage.tables import Link

ANYONE, PASSCODE, MEMBER, MAIL = "anyone", "passcode", "member", "mail"
CHOICES = (ANYONE, PASSCODE, MEMBER, MAIL)
"""In the order shown."""
ADDRESSED = frozenset({MEMBER, MAIL})
"""For one person, who proves it by a code."""


class Denied(UserError):
    """What was given is not what opens the link."""


class NotSent(UserError):
    """A code did not reach the one it is for. ``for_good``: trying again does not help."""

    def __init__(self, text: str, *, for_good: bool = False) -> None:
        super().__init__(text)
        self.for_good = for_good


class Courier(Protocol):
    """Brings a code to whom a link is addressed; raises `NotSent`."""

    async def __call__(self, link: Link, code: str) -> None: ...


Couriers = Mapping[str, Courier]
"""By the way that a link is addressed."""


@dataclass(frozen=True)
class Caller:
    """Who presses Start, and what they show; ``ip`` is the prefix of their address, which is never stored."""

    ip: str = ""
    passcode: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


def masked(address: str) -> str:
    """«a•••@acme.com»: enough for its owner to know it, and no more."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1] if len(name) > 1 else ''}•••@{domain}"
