"""What a server needs and offers, found out by asking it, before an administrator says the rest of its card."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.errors import FormError
from bot.services.tickets import Entry, Tickets
from mcp_runtime.errors import AddressNotAllowed, AuthorizationNeeded, PortNotAllowed, ServerError
from mcp_runtime.oauth.registration import Site, can_register
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec
from run_cards.checks import web_address
from storage.members import Member

NOT_ALLOWED = "Whoever runs Usher can allow it, in ALLOW_PRIVATE_MCP_HOSTS."
ALL_WAYS = ("none", "oauth", "token", "shared")


@dataclass(frozen=True)
class Looked:
    url: str
    ways: tuple[str, ...] = ALL_WAYS
    """How members may sign in, of `drafts.SIGN_IN`; the likeliest first."""
    tools: tuple[str, ...] = ()
    """Empty where it tells them to nobody who has not signed in."""
    reading: tuple[str, ...] = ()
    """Those that say of themselves that they only read."""
    name: str = ""
    """What it calls itself."""
    other_header: bool = False
    """It does not say that it takes a bearer token."""
    unregistered: str = ""
    """The host where members could sign in, were Usher registered there."""
    answers: bool = True
    command: str = ""
    """What leads to the program that was confirmed, where it is one; then there is no URL."""

    @property
    def host(self) -> str:
        """Empty for a program."""
        return urlsplit(self.url).netloc


class Looking:
    def __init__(self, pool: Pool, tickets: Tickets) -> None:
        self._pool = pool
        self._tickets = tickets

    async def at(self, admin: Member, url: str, entry: Entry) -> Looked:
        """Raises `FormError`. ``entry`` is where this administrator could enter a secret."""
        url = url.strip()
        if complaint := web_address(url):
            raise FormError({"url": complaint})
        title = urlsplit(url).netloc
        try:
            offer = await self._pool.try_out(HttpSpec(url), {}, title=title, by=admin)
        except AuthorizationNeeded as refused:
            return await self._signed_in_to(admin, url, title, entry, refused)
        except ServerError as error:
            raise not_reached(error) from error
        reading = tuple(each.name for each in offer.tools if each.hinted_reading)
        tools = tuple(each.name for each in offer.tools)
        return Looked(url, ("none", "token", "shared"), tools, reading, offer.server)

    async def _signed_in_to(
        self, admin: Member, url: str, title: str, entry: Entry, refused: AuthorizationNeeded
    ) -> Looked:
        by_token = Looked(url, ("token", "shared"), other_header=refused.challenge is None)
        sign_ins = self._pool.sign_ins
        try:
            found = await sign_ins.discover(title, url, refused.challenge, admin.workspace)
        except ServerError:
            return by_token  # what cannot be used is not offered
        if found is None:
            return by_token
        pages = entry in (Entry.PAGE, Entry.OWN_MACHINE)
        if pages and can_register(found.server, Site(self._tickets.base_url(entry)), sign_ins.registered):
            return Looked(url, ("oauth", "token", "shared"))
        return Looked(url, ("token", "shared"), unregistered=found.host if pages else "")


def not_reached(error: ServerError) -> FormError:
    cure = NOT_ALLOWED if isinstance(error, AddressNotAllowed | PortNotAllowed) else error.cure
    return FormError({"url": f"{error.reason[:1].upper()}{error.reason[1:]}. {cure}"})
