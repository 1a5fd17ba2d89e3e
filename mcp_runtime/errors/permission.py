"""Who asks may not, or has not said who they are."""

from mcp_runtime.errors.base import ConnectFailed, ServerError
from mcp_runtime.errors.causes import Cause


class TokenRefused(ConnectFailed):
    cause = Cause.SIGN_IN_REFUSED
    reason = "the server refused this token"
    cure = "Paste the whole of it, or make a new one there."


class AccessForbidden(TokenRefused):
    cause = Cause.FORBIDDEN_SCOPE
    reason = "the server does not allow this token to be used for it (HTTP 403)"
    cure = "Give it the rights that it lacks there, or make a new one."


class MoreRightsNeeded(AccessForbidden):
    reason = "this takes more rights than I was given there"
    cure = "Sign in to it again, and allow them there."


class NotPermitted(ConnectFailed):
    cause = Cause.NOT_PERMITTED
    reason = "this installation does not let it be used any more"
    cure = "An administrator of this installation can change that."


class AuthorizationNeeded(ServerError):
    cause = Cause.SIGN_IN_NEEDED
    reason = "the server wants a token, and none was given"
    cure = "Make one there, and enter it."


class SecretUnreadable(AuthorizationNeeded):
    reason = "its token can no longer be read here, as the key that it was sealed with has changed"
    cure = "Enter it anew."
