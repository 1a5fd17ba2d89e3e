"""Whose a row is."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Member:
    """A Slack user in a workspace (a Slack team or enterprise)."""

    workspace: str
    id: str
