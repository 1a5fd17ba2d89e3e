"""All repositories over one transaction."""

from functools import cache
from typing import Any, get_type_hints

from sqlalchemy.ext.asyncio import AsyncSession

from storage.engines.one_transaction import OneTransaction
from storage.repositories.access.requests import ApiRequests
from storage.repositories.access.tokens import AccessTokens
from storage.repositories.agents.agents import Agents
from storage.repositories.agents.grants import Grants
from storage.repositories.conversations.approvals import Approvals
from storage.repositories.conversations.conversations import Conversations
from storage.repositories.conversations.elicitations import Elicitations
from storage.repositories.conversations.events import Events
from storage.repositories.conversations.files import Files
from storage.repositories.conversations.member_files import MemberFiles
from storage.repositories.conversations.messages import Messages
from storage.repositories.conversations.ratings import TurnRatings
from storage.repositories.conversations.showing import Showing
from storage.repositories.conversations.turns import Turns
from storage.repositories.insights.insights import Insights
from storage.repositories.links.codes import OneTimeCodes
from storage.repositories.links.drafts import LinkDrafts
from storage.repositories.links.erasures import Erasures
from storage.repositories.links.figures import Figures
from storage.repositories.links.guest_files import GuestFiles
from storage.repositories.links.links import Links
from storage.repositories.links.openings import Openings
from storage.repositories.links.results import Results
from storage.repositories.links.sessions import Sessions
from storage.repositories.mcp.added_cards import AddedCards
from storage.repositories.mcp.allowed_calls import CallsAllowed
from storage.repositories.mcp.connections import Connections
from storage.repositories.mcp.oauth import OAuth
from storage.repositories.mcp.secret_places import SecretPlaces
from storage.repositories.mcp.secrets import Secrets
from storage.repositories.mcp.tools import PinnedTools
from storage.repositories.mcp.usage import Usage
from storage.repositories.memories.forgetting import Forgetting
from storage.repositories.memories.memories import Memories
from storage.repositories.memories.notes import Notes
from storage.repositories.memories.vectors import Vectors
from storage.repositories.repository import Repository
from storage.repositories.spending.budgets import Budgets
from storage.repositories.spending.model_usage import ModelUsages
from storage.repositories.work.handled import Handled
from storage.repositories.work.home_tabs import HomeTabs
from storage.repositories.work.jobs import ScheduledJobs
from storage.repositories.work.rates import Rates
from storage.repositories.work.reminders import Reminders
from storage.repositories.work.tickets import Tickets
from storage.repositories.work.waits import Waits
from storage.repositories.workspaces.audit import Audit
from storage.repositories.workspaces.audit_chain import AuditKeys
from storage.repositories.workspaces.installations import Installations
from storage.repositories.workspaces.outside import Outside
from storage.repositories.workspaces.policies import Policies
from storage.repositories.workspaces.security import Security
from storage.repositories.workspaces.tallies import Tallies
from storage.repositories.workspaces.workspaces import Workspaces
from storage.row_security.entering import Entering, Walled


class Tables:
    """Everything one transaction can reach; a repository is made when it is asked for."""

    workspaces: Workspaces
    installations: Installations
    handled: Handled
    audit: Audit
    tallies: Tallies
    security: Security
    agents: Agents
    grants: Grants
    connections: Connections
    added_cards: AddedCards
    tools: PinnedTools
    allowed_calls: CallsAllowed
    secrets: Secrets
    secret_places: SecretPlaces
    usage: Usage
    oauth: OAuth
    conversations: Conversations
    messages: Messages
    turns: Turns
    events: Events
    files: Files
    member_files: MemberFiles
    ratings: TurnRatings
    showing: Showing
    approvals: Approvals
    elicitations: Elicitations
    memories: Memories
    vectors: Vectors
    notes: Notes
    forgetting: Forgetting
    budgets: Budgets
    model_usage: ModelUsages
    home_tabs: HomeTabs
    jobs: ScheduledJobs
    rates: Rates
    reminders: Reminders
    tickets: Tickets
    waits: Waits
    insights: Insights
    policies: Policies
    outside: Outside
    access_tokens: AccessTokens
    api_requests: ApiRequests
    links: Links
    codes: OneTimeCodes
    link_drafts: LinkDrafts
    sessions: Sessions
    guest_files: GuestFiles
    erasures: Erasures
    results: Results
    openings: Openings
    figures: Figures

    def __init__(
        self, transaction: OneTransaction, audit_keys: AuditKeys | None = None, *, walled: bool = False
    ) -> None:
        self.transaction = transaction
        self._audit_keys = audit_keys
        self._entering = Entering(transaction) if walled else None

    @property
    def session(self) -> AsyncSession:
        """Beside the repositories' questions, which nobody else should need."""
        return self.transaction.session

    def __getattr__(self, name: str) -> Any:
        if (kind := repositories().get(name)) is None:
            raise AttributeError(name)
        keys = (self._audit_keys,) if kind is Audit else ()
        made: Any = kind(self.transaction, *keys)
        if self._entering is not None:
            made = Walled(made, self._entering)
        setattr(self, name, made)
        return made


@cache
def repositories() -> dict[str, type[Repository]]:
    """By what `Tables` calls them."""
    return get_type_hints(Tables)
