"""Whose a row is."""

from contextvars import ContextVar
from dataclasses import dataclass

BY_TOKEN: ContextVar[str] = ContextVar("by_token", default="")
"""The id of the access token by which a program acts for a member just now: the audit tells it with each act."""


@dataclass(frozen=True, order=True)
class Member:
    """A Slack user in a workspace (a Slack team or enterprise)."""

    workspace: str
    id: str
