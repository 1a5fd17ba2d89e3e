"""Who may start on a link, as its table has it, and what whoever presses Start shows for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.errors import Refused
from bot.services.refusals import refused
from storage.tables import Link

ANYONE, PASSCODE, MEMBER, MAIL = "anyone", "passcode", "member", "mail"
CHOICES = (ANYONE, PASSCODE, MEMBER, MAIL)
"""In the order shown."""
ADDRESSED = frozenset({MEMBER, MAIL})
"""For one person, who proves it by a code."""


class Denied(Refused):
    """What was given is not what opens the link."""


class NotSent(Refused):
    """A code did not reach the one it is for. ``for_good``: trying again does not help."""

    def __init__(self, code: str = "code_not_now", *, for_good: bool = False) -> None:
        code = "code_never" if for_good else code
        super().__init__(str(refused(code)), code=code)
        self.for_good = for_good


def denied(code: str) -> Denied:
    """Told as `refused` tells it."""
    return Denied(str(refused(code)), code=code)


class Courier(Protocol):
    """Brings a code to whom a link is addressed, in the ``language`` of the page that asks; raises `NotSent`."""

    async def __call__(self, link: Link, code: str, language: str) -> None: ...


Couriers = Mapping[str, Courier]
"""By the way that a link is addressed."""


@dataclass(frozen=True)
class Caller:
    """Who presses Start, and what they show; ``ip`` is the prefix of their address, which is never stored."""

    ip: str = ""
    passcode: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    work: str = field(default="", repr=False)
    """What its browser has calculated, as it was asked to."""
    plain: bool = False
    """It sends a form, without scripts, and so cannot calculate anything."""


def masked(address: str) -> str:
    """«a•••@acme.com»: enough for its owner to know it, and no more."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1] if len(name) > 1 else ''}•••@{domain}"
