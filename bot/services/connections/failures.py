"""Why a server could not be connected, in a sentence each with its cure, and the field it belongs under."""

from bot.errors import FormError
from mcp_runtime.errors import (
    AddressNotAllowed,
    AuthorizationNeeded,
    HostUnreachable,
    NotAnMcpServer,
    ProgramFailed,
    SandboxMissing,
    ServerError,
    TokenRefused,
    TooSlow,
)
from run_cards.card import RunCard

UNREACHABLE = "Nothing answered at this address. Check that it is right and that the server is running."
TOO_SLOW = "The server did not answer in time. Check the address, or try again in a minute."
NOT_ALLOWED = "This address is private, so I may not call it. Use a public one, or ask an administrator to allow it."
NOT_MCP = (
    "Something answered here, but it does not speak MCP. The address often ends in /mcp: see the server's own "
    "documentation."
)
REFUSED = "The server refused this token. Make a new one there, and paste the whole of it."
NEEDED = "The server wants a token, and none was given. Make one there, and enter it."
NO_SANDBOX = "This tool cannot run here: it needs a sandbox, and there is none. An administrator can mend that."
PROGRAM = "The tool's program would not start here. An administrator can see why."

SENTENCES: dict[type[ServerError], str] = {
    HostUnreachable: UNREACHABLE,
    TooSlow: TOO_SLOW,
    AddressNotAllowed: NOT_ALLOWED,
    NotAnMcpServer: NOT_MCP,
    TokenRefused: REFUSED,
    AuthorizationNeeded: NEEDED,
    SandboxMissing: NO_SANDBOX,
    ProgramFailed: PROGRAM,
}
ABOUT_THE_SECRET = (TokenRefused, AuthorizationNeeded)

# What administrators hear of it: the cure that is in their hands alone.
FOR_ADMINS: dict[type[ServerError], str] = {
    AddressNotAllowed: (
        "A member could not connect a server at a private address. Where that shall be allowed, name the host in "
        "ALLOW_PRIVATE_MCP_HOSTS."
    ),
    SandboxMissing: "{title} could not be connected: its program runs only in a sandbox, and there is none here.",
    ProgramFailed: "{title} could not be connected: its program would not start.",
}
CARD_BROKEN = "The card {title} could not be connected, and no member can mend that: {reason}."

# Where the card says the address, and the token if there is one, a member can mend neither.
OF_THE_CARD: dict[type[ServerError], str] = {
    HostUnreachable: "{title} does not answer. Try again in a few minutes; if it stays so, tell an administrator.",
    TooSlow: "{title} did not answer in time. Try again in a minute; if it stays so, tell an administrator.",
    AddressNotAllowed: "I am not allowed to call the address of {title}. Please tell an administrator.",
    NotAnMcpServer: "What answers at the address of {title} does not speak MCP. Please tell an administrator.",
}
SHARED_REFUSED = "{title} refused this installation's own access. Please tell an administrator: it has to be renewed."
WANTS_A_TOKEN = "{title} wants a token, and its card has none. Please tell an administrator."  # noqa: S105  a sentence


def sentence(error: ServerError, card: RunCard | None = None) -> str:
    """``card``: the one that the connection is made with, when it is known."""
    known = next((told for kind in type(error).__mro__ if (told := _about(kind, card))), None)
    return known or f"The server could not be used: {error.reason}. Try again in a minute."


def _about(kind: type, card: RunCard | None) -> str | None:
    if card and not address_field(card):
        if kind in ABOUT_THE_SECRET and not card.secret:
            return (SHARED_REFUSED if card.shared else WANTS_A_TOKEN).format(title=card.title)
        if kind in OF_THE_CARD:
            return OF_THE_CARD[kind].format(title=card.title)
    return SENTENCES.get(kind)


def for_admins(card: RunCard, error: ServerError) -> str | None:
    """What administrators have to know of it; None when the member can mend it."""
    known = next((FOR_ADMINS[kind] for kind in type(error).__mro__ if kind in FOR_ADMINS), None)
    told = known or (None if card.fields else CARD_BROKEN)
    return told and told.format(title=card.title, reason=error.reason.rstrip("."))


def form_error(card: RunCard, error: ServerError) -> FormError:
    """Under the address or under the secret, whichever has to change."""
    if isinstance(error, ABOUT_THE_SECRET) and card.secret:
        return FormError({card.secret.name: sentence(error, card)})
    return FormError({address_field(card): sentence(error, card)})


def address_field(card: RunCard) -> str:
    """The field that says where the server is, or the first, or none."""
    open_fields = [each.name for each in card.fields if not each.secret]
    return "url" if "url" in open_fields else next(iter(open_fields), "")


def name_field(card: RunCard) -> str:
    open_fields = [each.name for each in card.fields if not each.secret]
    return "name" if "name" in open_fields else next(iter(open_fields), "")
