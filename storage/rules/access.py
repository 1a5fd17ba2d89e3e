"""What an agent may do with a connection: pure values, decided alike wherever it is asked."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum

from storage.rules.outside import May, Whence


class Scope(StrEnum):
    FULL = "full_access"
    READ_ONLY = "read_only"
    CUSTOM = "custom"
    NONE = "none"


class Barred(StrEnum):
    """Why nothing may be called at all."""

    ARCHIVED = "archived"
    CARD = "card"
    UNGRANTED = "ungranted"
    REVOKED = "revoked"
    EXPIRED = "expired"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Rule:
    scope: Scope
    tools: frozenset[str] = frozenset()
    """Of ``custom``: the servers' own names, so that a tool which comes later is not among them."""

    def allows(self, tool: str, *, reads: bool) -> bool:
        """``reads`` is our own table's word, never the server's: an unknown tool writes."""
        match self.scope:
            case Scope.FULL:
                return True
            case Scope.READ_ONLY:
                return reads
            case Scope.CUSTOM:
                return tool in self.tools
            case Scope.NONE:
                return False


@dataclass(frozen=True)
class Grant:
    """What was granted on one connection."""

    rule: Rule
    expired: bool = False


@dataclass(frozen=True)
class AgentRules:
    """What administrators let an agent do at most, with any connection."""

    rule: Rule
    cards: frozenset[str] = frozenset()
    """Of these alone; empty: of all."""
    asks_first: bool = False
    """Nothing, until the connection's member has granted it."""
    archived: bool = False


@dataclass(frozen=True)
class Access:
    """Each rule has to allow a call: a grant narrows, and never widens what administrators or its member allow."""

    rules: tuple[Rule, ...] = ()
    barred: Barred | None = None
    unasked: bool = False
    """Nobody who asks may say yes to a call: those alone are made that need no yes."""
    scopes: frozenset[Scope] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scopes", frozenset(each.scope for each in self.rules) - {Scope.FULL})

    def allows(self, tool: str, *, reads: bool) -> bool:
        return self.barred is None and all(each.allows(tool, reads=reads) for each in self.rules)


def access_of(agent: AgentRules, card: str, grant: Grant | None) -> Access:
    """Fails closed: a grant that has ended leaves nothing, also where none was needed."""
    if agent.archived:
        return Access(barred=Barred.ARCHIVED)
    if agent.cards and card not in agent.cards:
        return Access(barred=Barred.CARD)
    if grant is None:
        return Access(barred=Barred.UNGRANTED) if agent.asks_first else Access((agent.rule,))
    if grant.expired:
        return Access(barred=Barred.EXPIRED)
    if grant.rule.scope is Scope.NONE:
        return Access(barred=Barred.REVOKED)
    return Access((agent.rule, grant.rule))


def narrowed(access: Access, whence: Whence | None) -> Access:
    """By what whoever asks may, where they are no member; None: they are one."""
    if whence is None or whence.may is May.ALL:
        return access
    if whence.barred:
        return Access(barred=Barred.OUTSIDE)
    return replace(access, rules=(*access.rules, Rule(Scope.READ_ONLY)), unasked=True)


def rule(scope: str, tools: Collection[str]) -> Rule:
    """As it is stored; a scope that nobody knows is none."""
    known = Scope(scope) if scope in set(Scope) else Scope.NONE
    return Rule(known, frozenset(tools))
