"""A member signs in at the service itself, and what comes back is kept as the connection's secret."""

from bot.services.connections.oauth.ending import REVOKE, Revoking
from bot.services.connections.oauth.signing_in import OAuthSignIn
from bot.services.connections.oauth.values import Outcome, SignInView, Started

__all__ = ["REVOKE", "OAuthSignIn", "Outcome", "Revoking", "SignInView", "Started"]
