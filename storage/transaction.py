"""All repositories over one transaction."""

from sqlalchemy.ext.asyncio import AsyncSession

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
from storage.row_security.entering import Transaction, Walled


class Tables:
    """Everything one transaction can reach."""

    def __init__(self, session: AsyncSession, audit_keys: AuditKeys | None = None, *, walled: bool = False) -> None:
        self.session = session
        self.workspaces = Workspaces(session)
        self.installations = Installations(session)
        self.handled = Handled(session)
        self.audit = Audit(session, audit_keys)
        self.tallies = Tallies(session)
        self.security = Security(session)
        self.agents = Agents(session)
        self.grants = Grants(session)
        self.connections = Connections(session)
        self.added_cards = AddedCards(session)
        self.tools = PinnedTools(session)
        self.allowed_calls = CallsAllowed(session)
        self.secrets = Secrets(session)
        self.secret_places = SecretPlaces(session)
        self.usage = Usage(session)
        self.oauth = OAuth(session)
        self.conversations = Conversations(session)
        self.messages = Messages(session)
        self.turns = Turns(session)
        self.events = Events(session)
        self.files = Files(session)
        self.member_files = MemberFiles(session)
        self.ratings = TurnRatings(session)
        self.showing = Showing(session)
        self.approvals = Approvals(session)
        self.elicitations = Elicitations(session)
        self.memories = Memories(session)
        self.vectors = Vectors(session)
        self.notes = Notes(session)
        self.forgetting = Forgetting(session)
        self._of_guests(session)
        self.budgets = Budgets(session)
        self.model_usage = ModelUsages(session)
        self.home_tabs = HomeTabs(session)
        self.jobs = ScheduledJobs(session)
        self.rates = Rates(session)
        self.reminders = Reminders(session)
        self.tickets = Tickets(session)
        self.waits = Waits(session)
        self.insights = Insights(session)
        self.policies = Policies(session)
        self.outside = Outside(session)
        self.access_tokens = AccessTokens(session)
        self.api_requests = ApiRequests(session)
        if walled:
            self._ask_from_within(Transaction(session))

    def _of_guests(self, session: AsyncSession) -> None:
        self.links = Links(session)
        self.codes = OneTimeCodes(session)
        self.link_drafts = LinkDrafts(session)
        self.sessions = Sessions(session)
        self.guest_files = GuestFiles(session)
        self.erasures = Erasures(session)
        self.results = Results(session)
        self.openings = Openings(session)
        self.figures = Figures(session)

    def _ask_from_within(self, transaction: Transaction) -> None:
        for name, each in list(vars(self).items()):
            if isinstance(each, Repository):
                setattr(self, name, Walled(each, transaction))
