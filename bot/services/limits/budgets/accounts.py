"""Who pays for a request to the model, and what it is made for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.services.limits.budgets.months import of_agents_month, of_month
from storage.repositories.spending.budgets import Cap

ANSWER, FOLD, SUMMARY, EMBEDDING = "answer", "fold", "summary", "embed"
"""What requests are made for."""


@dataclass(frozen=True)
class Account:
    """``caps`` are the budgets that hold at a time, narrow to wide; a link's own is on its row, and comes first."""

    workspace: str
    member: str
    """Whose agent it is: who asked, or the creator of the link that is paid for."""
    caps: Callable[[datetime], Sequence[Cap]] = field(repr=False)
    link: Cap | None = None
    conversation: str = ""
    turn: str = ""
    purpose: str = ANSWER

    @property
    def link_id(self) -> str:
        return self.link.key if self.link else ""

    def made_for(self, purpose: str) -> "Account":
        return replace(self, purpose=purpose)


def of_member(workspace: str, member: str, *, conversation: str = "", turn: str = "", agent: str = "") -> Account:
    """Their own month, the agent's where it is another than the default, and the workspace's."""

    def caps(at: datetime) -> Sequence[Cap]:
        return of_month(at, member), *([of_agents_month(at, agent)] if agent else []), of_month(at)

    return Account(workspace, member, caps, conversation=conversation, turn=turn)
