"""What can go wrong when a member signs in to a server; words as in `mcp_runtime.errors`.

* SignInImpossible    the server cannot be signed in to, whoever tries
  * NotRegistered     it takes registered apps alone, and this installation is none
* SignInServerAway    its sign-in server gives no usable answer now: nothing is lost
* SignInRefused       it answered, and said no: to the code, to the member, or to the token that renews another
"""

from mcp_runtime.errors import ConnectFailed
from mcp_runtime.errors.causes import Cause


class SignInImpossible(ConnectFailed):
    cause = Cause.SIGN_IN_REFUSED
    reason = "the way in which it wants to be signed in to cannot be used"
    cure = "Whoever runs the server has to mend that."


class NotRegistered(SignInImpossible):
    """``issuer`` is where an operator can register Usher."""

    reason = "only apps that are registered with it may sign people in, and I am not"
    cure = "Please tell an administrator, who can change that."
    issuer = ""


class SignInServerAway(ConnectFailed):
    cause = Cause.CANNOT_REACH
    reason = "its sign-in server gives no usable answer"
    cure = "Try again in a few minutes."


class SignInRefused(ConnectFailed):
    cause = Cause.SIGN_IN_REFUSED
    reason = "its sign-in server refused to let me in"
    cure = "Sign in once more."
    code = ""
    """OAuth's own word for why; empty when the answer was not even believed."""
