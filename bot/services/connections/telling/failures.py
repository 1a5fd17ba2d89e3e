"""Why a server could not be connected: its cause and a sentence with its cure, and the field it belongs under."""

from bot.errors import FormError
from bot.services.admin_notes import WHO
from mcp_runtime.errors import (
    AccessForbidden,
    AddressNotAllowed,
    AuthorizationNeeded,
    BadCertificate,
    HostUnreachable,
    InsecureAddress,
    NotAnMcpServer,
    PortNotAllowed,
    ProgramFailed,
    Redirected,
    SandboxMissing,
    ServerError,
    TokenRefused,
    TooSlow,
)
from mcp_runtime.oauth.errors import NotRegistered
from run_cards.card import RunCard

ABOUT_THE_SECRET = (TokenRefused, AuthorizationNeeded)

# What administrators hear of it: the cure that is in their hands alone.
FOR_ADMINS: dict[type[ServerError], str] = {
    AddressNotAllowed: (
        "{who} could not connect a server at a private address. Where that shall be allowed, name the host in "
        "ALLOW_PRIVATE_MCP_HOSTS."
    ),
    PortNotAllowed: (
        "{who} could not connect a server at a port other than 443. Where that shall be allowed, name the host with "
        "its port in ALLOW_PRIVATE_MCP_HOSTS."
    ),
    InsecureAddress: "",  # the member can use https://
    SandboxMissing: "{title} could not be connected: its program runs only in a sandbox, and there is none here.",
    ProgramFailed: "{title} could not be connected: its program would not start.",
    NotRegistered: (
        "{title} could not be connected: the sign-in server {issuer} takes registered apps alone. Register Usher "
        "there, with the address PUBLIC_BASE_URL/oauth/callback to come back to, and name it in MCP_OAUTH_CLIENTS: see "
        "docs/operations.md, “Services that sign members in”."
    ),
}
BROKEN = (HostUnreachable, BadCertificate, Redirected)
"""Of an address, whatever else a member has answered."""
CARD_BROKEN = "The card {title} could not be connected, and no member can mend that: {reason}."

WHERE = ("url", "address")
# Where the card says the address, and the token if there is one, a member can mend neither.
OF_THE_CARD: dict[type[ServerError], str] = {
    HostUnreachable: "{title} does not answer. Try again in a few minutes; if it stays so, tell an administrator.",
    TooSlow: "{title} did not answer in time. Try again in a minute; if it stays so, tell an administrator.",
    AddressNotAllowed: "I am not allowed to call the address of {title}. Please tell an administrator.",
    NotAnMcpServer: "what answers at the address of {title} does not speak MCP. Please tell an administrator.",
    BadCertificate: "{reason}. Please tell an administrator.",
    Redirected: "the address of {title} sends me on to another one. Please tell an administrator.",
}
PROGRAM = "the tool's program would not start here. An administrator can see why."
NO_SANDBOX = "this tool cannot run here: it needs a sandbox, and there is none. An administrator can mend that."
OF_A_PROGRAM: dict[type[ServerError], str] = {ProgramFailed: PROGRAM, SandboxMissing: NO_SANDBOX}
"""What exactly went wrong on our machine is for administrators."""
SIGN_IN_AGAIN = "Sign in to it again."
SHARED_REFUSED = (
    "{title} refused the access that your admins have set up for everybody. Please tell an administrator: it has to be "
    "renewed."
)
WANTS_A_TOKEN = "{title} wants a token, and its card has none. Please tell an administrator."  # noqa: S105  a sentence


def sentence(error: ServerError, card: RunCard | None = None) -> str:
    """«Too slow: …»: its cause, what happened and what cures it; ``card`` is the one that it is made with, if known."""
    return f"{error.cause.title}: {_told(error, card)}"


def _told(error: ServerError, card: RunCard | None) -> str:
    for kind in type(error).__mro__:
        if told := OF_A_PROGRAM.get(kind) or (_of_the_card(kind, card) if card else None):
            return told.format(title=card.title if card else "", reason=error.reason)
    return f"{error.reason}. {error.cure}"


def _of_the_card(kind: type, card: RunCard) -> str | None:
    """Where the member has entered neither address nor token, they cannot mend them."""
    if address_field(card):
        return None
    if kind in ABOUT_THE_SECRET and not card.secret:
        return SHARED_REFUSED if card.is_shared else WANTS_A_TOKEN
    return OF_THE_CARD.get(kind)


def sentence_of_stored(error: ServerError, card: RunCard | None) -> str:
    """For a connection that there is: its token is renewed, not made."""
    if isinstance(error, ABOUT_THE_SECRET) and not isinstance(error, AccessForbidden) and (not card or card.secret):
        return f"{error.cause.title}: {error.reason}. {SIGN_IN_AGAIN}"
    return sentence(error, card)


def for_admins(card: RunCard, error: ServerError) -> str:
    """What administrators have to know of it; empty when the member can mend it."""
    known = next((FOR_ADMINS[kind] for kind in type(error).__mro__ if kind in FOR_ADMINS), None)
    nobodys = not card.fields or (not address_field(card) and isinstance(error, BROKEN))
    told = known or (CARD_BROKEN if nobodys else "")
    issuer = error.issuer[:200] if isinstance(error, NotRegistered) else ""
    return told.format(title=card.title, reason=error.reason.rstrip("."), issuer=issuer, who=WHO)


def form_error(card: RunCard, error: ServerError) -> FormError:
    """Under the address or under the secret, whichever has to change; above the form where neither is its member's."""
    if isinstance(error, ABOUT_THE_SECRET) and card.secret:
        return FormError({card.secret.name: sentence(error, card)})
    return FormError({address_field(card): sentence(error, card)})


def address_field(card: RunCard) -> str:
    """The field that says where the server is; empty where the card itself says it."""
    open_fields = [each.name for each in card.fields if not each.secret]
    return next((name for name in WHERE if name in open_fields), "")


def name_field(card: RunCard) -> str:
    open_fields = [each.name for each in card.fields if not each.secret]
    return "name" if "name" in open_fields else next(iter(open_fields), "")
