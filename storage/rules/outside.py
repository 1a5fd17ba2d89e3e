"""How far those may go who are no members of the workspace: pure values, decided alike wherever it is asked."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    GUESTS = "guests"
    """Slack's own: of one channel or several."""
    OUTSIDERS = "outsiders"
    """People of other organisations, in channels that are shared with them."""
    BOTS = "bots"
    """Other apps and workflows of the workspace."""


class Rule(StrEnum):
    REFUSE = "refuse"
    ASK = "ask"
    """An admin says yes or no to each of them."""
    READ_ONLY = "read_only"
    ALLOW = "allow"


class State(StrEnum):
    """What is known of one of them."""

    MET = "met"
    """Let in by the rule alone, or asked about in vain."""
    ASKED = "asked"
    ALLOWED = "allowed"
    REFUSED = "refused"


class May(StrEnum):
    ALL = "all"
    READ = "read"
    """Ask, with tools that only read; nothing that takes a yes of theirs, and nothing of their own is made."""
    ASK_FIRST = "ask_first"
    WAIT = "wait"
    """An admin has been asked."""
    NO = "no"
    NOT_THEY = "not_they"
    """An admin has refused this one."""
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Whence:
    """Of which kind whoever asks is, and what they may."""

    kind: Kind
    may: May

    @property
    def reads_only(self) -> bool:
        return self.may is May.READ

    @property
    def barred(self) -> bool:
        return self.may not in (May.ALL, May.READ)


def decided(
    kind: str, rule: str | None, state: str | None, channels: Collection[str] = (), place: str | None = None
) -> May:
    """Fails closed: a kind or a rule that nobody knows is a no.

    ``place``: the channel where it is asked, empty for none at all; None where the place says nothing, as in a window
    that was opened from a place that was judged.
    """
    if kind not in set(Kind) or rule not in set(Rule) or rule == Rule.REFUSE:
        return May.NO
    if state == State.REFUSED:
        return May.NOT_THEY
    if channels and place is not None and place not in channels:
        return May.ELSEWHERE
    if rule == Rule.ASK and state != State.ALLOWED:
        return May.WAIT if state == State.ASKED else May.ASK_FIRST
    # Nobody could say yes to what a bot's turn asks.
    return May.READ if rule == Rule.READ_ONLY or kind == Kind.BOTS else May.ALL


def whence(kind: str | None, rule: str | None, state: str | None) -> Whence | None:
    """Of whoever's call is to be made; None for a member, of whom no row tells that they are from outside."""
    if kind is None:
        return None
    known = Kind(kind) if kind in set(Kind) else Kind.OUTSIDERS
    return Whence(known, decided(kind, rule, state))
