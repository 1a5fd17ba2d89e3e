"""What can go wrong with a server: each kind with its cause, and its own words: what happened and what cures it.

* ServerError              the server named in ``server`` failed
  * ConnectFailed          no session came about, or the server refused what was asked: nothing has happened
    * HostUnreachable      no host, no answer
      * UnknownHost, ConnectionRefused, HungUp, BadCertificate, NoTls
    * TooSlow              the time to answer was up
    * AddressNotAllowed    a private address
      * InsecureAddress, PortNotAllowed
    * Redirected           it sends us to another host
    * RateLimited          429; ``retry_after`` says for how long
    * OutOfOrder           5xx
    * NotAnMcpServer       something answered, and it does not speak MCP
      * NothingThere, WebPage, OldTransport, ProtocolTooOld
    * TooBig               more than is taken at once
    * ErrorAnswered        it speaks MCP, and answered with an error of its own
      * AsksOn             it asked for something again and again
      * WantsTooMuch       it asked for what no server is given
    * SessionRefused       it does not know the session that it has just opened
    * TokenRefused         401 although a token was sent
      * AccessForbidden    403 although a token was sent
        * MoreRightsNeeded the token is good, and what was asked takes rights that it lacks
    * SandboxMissing       a stdio server without a sandbox to run it in
    * ProgramFailed        a stdio server that would not start
      * ProgramStopped     it took more than it may
      * ProgramMute        it starts, and does not speak MCP
    * NotPermitted         this installation does not let its member use it, or not any more
    * LeftAlone            it has failed too often to be tried now
    * ClosedMeanwhile      we closed it while somebody wanted it
  * AuthorizationNeeded    401 or 403, and no token was sent
    * SecretUnreadable     there is one, and its master key is gone
  * ToolFailed             a call was sent, and what became of it is not known: it may have happened
    * SessionLost, NoAnswer
      * TookTooMuch          we ended the session: it took more than one may
"""

from mcp_runtime.errors.base import ConnectFailed, ServerError
from mcp_runtime.errors.calls import NoAnswer, SessionLost, TookTooMuch, ToolFailed
from mcp_runtime.errors.permission import (
    AccessForbidden,
    AuthorizationNeeded,
    MoreRightsNeeded,
    NotPermitted,
    SecretUnreadable,
    TokenRefused,
)
from mcp_runtime.errors.programs import ProgramFailed, ProgramMute, ProgramStopped, SandboxMissing
from mcp_runtime.errors.reaching import (
    AddressNotAllowed,
    BadCertificate,
    ClosedMeanwhile,
    ConnectionRefused,
    HostUnreachable,
    HungUp,
    InsecureAddress,
    LeftAlone,
    NoTls,
    OutOfOrder,
    PortNotAllowed,
    RateLimited,
    Redirected,
    TooSlow,
    UnknownHost,
)
from mcp_runtime.errors.speaking import (
    AsksOn,
    ErrorAnswered,
    NotAnMcpServer,
    NothingThere,
    OldTransport,
    ProtocolTooOld,
    SessionRefused,
    TooBig,
    WantsTooMuch,
    WebPage,
)

__all__ = [
    "AccessForbidden",
    "AddressNotAllowed",
    "AsksOn",
    "AuthorizationNeeded",
    "BadCertificate",
    "ClosedMeanwhile",
    "ConnectFailed",
    "ConnectionRefused",
    "ErrorAnswered",
    "HostUnreachable",
    "HungUp",
    "InsecureAddress",
    "LeftAlone",
    "MoreRightsNeeded",
    "NoAnswer",
    "NoTls",
    "NotAnMcpServer",
    "NotPermitted",
    "NothingThere",
    "OldTransport",
    "OutOfOrder",
    "PortNotAllowed",
    "ProgramFailed",
    "ProgramMute",
    "ProgramStopped",
    "ProtocolTooOld",
    "RateLimited",
    "Redirected",
    "SandboxMissing",
    "SecretUnreadable",
    "ServerError",
    "SessionLost",
    "SessionRefused",
    "TokenRefused",
    "TooBig",
    "TooSlow",
    "TookTooMuch",
    "ToolFailed",
    "UnknownHost",
    "WantsTooMuch",
    "WebPage",
]
