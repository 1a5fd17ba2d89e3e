"""The fixtures of Slack's tests."""

from tests.support.gemini import gemini
from tests.support.slack import client, no_proxy, notes, slack, usher

__all__ = ["client", "gemini", "no_proxy", "notes", "slack", "usher"]
