"""The public address: does it lead to this very Usher, and does what is streamed come through as it is sent."""

import secrets
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from aiohttp import ClientConnectorCertificateError, ClientError, ClientResponse, ClientSession, ClientTimeout

from bot.doctor.finding import Finding, bad, ok, warn
from bot.doctor.local_checks import master_keys
from bot.readiness import Signs
from bot.running.audit_keys import key_file_is_missing
from bot.settings import Settings
from mcp_runtime.secrets.keys import KeyUnusable

PATH = "/temp-chat/sessions/doctor/events"
PROXY = "X-Usher-Proxy"
WITHIN = ClientTimeout(total=5)
START = "start Usher and ask again; if it runs, let the proxy pass everything to HOST:PORT"
THROUGH = "let it pass everything to HOST:PORT"


@dataclass(frozen=True)
class Reached:
    what: Literal["this", "buffered", "redirect", "other", "nothing", "certificate", "unnamed"]
    detail: str = ""


async def public_url(settings: Settings, session: ClientSession) -> list[Finding]:
    base = settings.public_base_url
    if base is None:
        found = "PUBLIC_BASE_URL is not set: links open on this machine only, as do the pages where secrets are entered"
        return [warn("public URL", found, "set it to the https address of this server")]
    signs = _signs(settings)
    reached = await _reach(base, signs, session)
    if reached.what in ("other", "nothing") and base != settings.own_url:
        here = (await _reach(settings.own_url, signs, session)).what == "this"
    else:
        here = False
    return [_told(base, reached, here=here)]


def _signs(settings: Settings) -> Signs | None:
    try:
        return None if key_file_is_missing(settings) else Signs(master_keys(settings)[0].secret)
    except (KeyUnusable, OSError):
        return None  # told of the key itself


def _told(base: str, reached: Reached, *, here: bool) -> Finding:
    match reached.what:
        case "this":
            return ok("public URL", f"{base} reaches this Usher, and streams come through")
        case "unnamed":
            found = f"{base} reaches this Usher by a proxy that was not named, so limits count all guests as one"
            return warn("public URL", found, f"set TRUSTED_PROXIES={reached.detail}")
        case "buffered":
            found = f"{base} reaches this Usher, and what is streamed is held back on the way"
            return bad("public URL", found, "switch buffering off in the proxy (nginx: proxy_buffering off)")
        case "redirect":
            return bad("public URL", f"{base} leads on to {reached.detail}", f"set PUBLIC_BASE_URL={reached.detail}")
        case "certificate":
            return bad("public URL", f"the certificate of {base} is not good", "renew it, or correct the name")
        case "nothing" if not here:
            return warn("public URL", f"{base} does not answer ({reached.detail})", START)
        case "nothing":
            found = f"Usher runs, and {base} does not answer from here ({reached.detail})"
            return warn("public URL", found, "check the proxy, DNS and firewall; perhaps it answers from outside")
        case _:
            found = f"{base} reaches something that is not this Usher ({reached.detail})"
            return bad("public URL", found, f"correct the address, or the proxy: {THROUGH}" if here else START)


async def _reach(base: str, signs: Signs | None, session: ClientSession) -> Reached:
    nonce = secrets.token_urlsafe(16)
    query = {"nonce": nonce, "question": signs.question(nonce) if signs else ""}
    try:
        async with session.get(base + PATH, params=query, allow_redirects=False, timeout=WITHIN) as answer:
            if answer.status in (502, 503, 504):
                return Reached("nothing", f"the proxy says {answer.status}")
            if 300 <= answer.status < 400:
                return _redirect(base, answer)
            if answer.status == 200 and signs:
                return await _listen(answer, f"data: {signs.expected(nonce)}\n\n")
            return Reached("other", f"it answers {answer.status}")
    except ClientConnectorCertificateError:
        return Reached("certificate")
    except (ClientError, TimeoutError, OSError) as error:
        return Reached("nothing", type(error).__name__)


async def _listen(answer: ClientResponse, expected: str) -> Reached:
    """The second half is held back for a while: read with the first, it was kept somewhere on the way."""
    first = (await answer.content.readany()).decode(errors="replace")
    if not first.startswith(expected):
        return Reached("other", "without Usher's sign")
    if first != expected:
        return Reached("buffered")
    return Reached("unnamed", peer) if (peer := answer.headers.get(PROXY, "")) else Reached("this")


def _redirect(base: str, answer: ClientResponse) -> Reached:
    """Where to, without path and query: those may hold what is nobody's business."""
    parts = urlsplit(answer.headers.get("Location", ""))
    to = f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else base
    return Reached("redirect", to) if to != base else Reached("other", f"it answers {answer.status}")
