"""Who may start on a link, as its table has it, and what whoever presses Start shows for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.errors import Refused
from bot.services.limits.refusals import refused
from storage.tables import Link

ANYONE, PASSCODE, MEMBER, MAIL = "anyone", "passcode", "member", "mail"
CHOICES = (ANYONE, PASSCODE, MEMBER, MAIL)
"""In the order shown."""
ADDRESSED = frozenset({MEMBER, MAIL})
"""For one person, who proves it by a code."""
_GUESSED = frozenset({"passcode_wrong", "code_wrong", "move_wrong"})
_FORGED = frozenset({"work_wrong"})
"""Said of what was typed; that nothing was typed is no guess."""


class Denied(Refused):
    """What was given is not what opens the link; ``attack`` is the kind of security event that it may be."""

    def __init__(self, text: str, *, code: str, attack: str = "") -> None:
        super().__init__(text, code=code)
        self.attack = attack


class NotSent(Refused):
    """A code did not reach the one it is for. ``for_good``: trying again does not help."""

    def __init__(self, code: str = "code_not_now", *, for_good: bool = False) -> None:
        code = "code_never" if for_good else code
        super().__init__(str(refused(code)), code=code)
        self.for_good = for_good


def denied(code: str, *, used: bool = False) -> Denied:
    """Told as `refused` tells it; ``used``: it was right once."""
    attack = "replay" if used else "passcode" if code in _GUESSED else "forged" if code in _FORGED else ""
    return Denied(str(refused(code)), code=code, attack=attack)


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
