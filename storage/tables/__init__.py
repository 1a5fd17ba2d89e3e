"""All tables; importing this module is what makes the schema complete."""

from storage.tables.agents import Agent, AgentChannel, AgentGrant
from storage.tables.budgets import Budget, ModelUsage, Reservation, SpendingLimit
from storage.tables.cards import AddedCard
from storage.tables.conversations import Approval, Conversation, Event, Message, Turn
from storage.tables.elicitations import Elicitation
from storage.tables.files import GuestFile, MemberFile, TurnFile
from storage.tables.links import Link, LinkDraft, OneTimeCode, Session
from storage.tables.mcp import AllowedCalls, Connection, PinnedTool, ToolUsage
from storage.tables.members.access_tokens import AccessToken, ApiRequest
from storage.tables.members.home import HomePlace
from storage.tables.members.ratings import TurnRating
from storage.tables.members.reminders import Reminder
from storage.tables.members.showing import ShownInChannel
from storage.tables.memories import Memory, MemorySigns, MemoryVector, Note
from storage.tables.oauth import OAuthFlow, OAuthLease
from storage.tables.results import Opening, Result
from storage.tables.secrets import Secret, SecretPlace
from storage.tables.watch.outside import OutsidePerson, OutsideRule
from storage.tables.watch.policies import Policy
from storage.tables.watch.security import SecurityEvent
from storage.tables.watch.tallies import Tally
from storage.tables.work import Job, RateLimit, Ticket
from storage.tables.workspaces import (
    AuditEntry,
    AuditHead,
    ForgottenWorkspace,
    FormerAuditEntry,
    HandledSlackEvent,
    Installation,
    Workspace,
)

__all__ = [
    "AccessToken",
    "AddedCard",
    "Agent",
    "AgentChannel",
    "AgentGrant",
    "AllowedCalls",
    "ApiRequest",
    "Approval",
    "AuditEntry",
    "AuditHead",
    "Budget",
    "Connection",
    "Conversation",
    "Elicitation",
    "Event",
    "ForgottenWorkspace",
    "FormerAuditEntry",
    "GuestFile",
    "HandledSlackEvent",
    "HomePlace",
    "Installation",
    "Job",
    "Link",
    "LinkDraft",
    "MemberFile",
    "Memory",
    "MemorySigns",
    "MemoryVector",
    "Message",
    "ModelUsage",
    "Note",
    "OAuthFlow",
    "OAuthLease",
    "OneTimeCode",
    "Opening",
    "OutsidePerson",
    "OutsideRule",
    "PinnedTool",
    "Policy",
    "RateLimit",
    "Reminder",
    "Reservation",
    "Result",
    "Secret",
    "SecretPlace",
    "SecurityEvent",
    "Session",
    "ShownInChannel",
    "SpendingLimit",
    "Tally",
    "Ticket",
    "ToolUsage",
    "Turn",
    "TurnFile",
    "TurnRating",
    "Workspace",
]
