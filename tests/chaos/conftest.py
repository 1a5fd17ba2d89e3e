"""The fixtures of whole Ushers in a local Slack."""

from tests.support.gemini import gemini
from tests.support.slack import no_proxy, slack

__all__ = ["gemini", "no_proxy", "slack"]
