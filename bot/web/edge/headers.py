"""Every response header of the sidecar, kept as data."""

from collections.abc import Mapping
from types import MappingProxyType

POLICY = MappingProxyType(
    {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
)
WORKER = MappingProxyType({"worker-src": "'self'", "trusted-types": "usher-work"})
ANSWER_POLICY = MappingProxyType({"default-src": "'none'", "frame-ancestors": "'none'"})
DENIED = ("browsing-topics", "camera", "display-capture", "geolocation", "microphone", "payment", "usb")
EVERYWHERE = MappingProxyType(
    {
        "Server": "Usher",  # aiohttp would tell its version
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Robots-Tag": "noindex, nofollow, noarchive, nosnippet",
    }
)
HSTS = "max-age=31536000; includeSubDomains"


def _csp(policy: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in policy.items())


_ANSWER_CSP = _csp(ANSWER_POLICY)


def _secured(headers: dict[str, str], https: bool) -> dict[str, str]:
    return headers | {"Strict-Transport-Security": HSTS} if https else headers


def everywhere(https: bool) -> dict[str, str]:
    return _secured(dict(EVERYWHERE), https)


def page(https: bool, leads_to: str = "", works: bool = False) -> dict[str, str]:
    """``leads_to`` is an origin to which the page's form goes on after its POST to us.

    A page that ``works`` may calculate beside itself, with the one script that its policy for scripts names.
    """
    # Browsers hold each step of such a journey against `form-action`, and a sign-in may have several hosts.
    onward = {"form-action": f"'self' https: {leads_to}"} if leads_to else {}
    worker = WORKER if works else {}
    extra = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in DENIED),
        "Content-Security-Policy": _csp({**POLICY, **onward, **worker}),
    }
    return _secured({**EVERYWHERE, **extra}, https)


def answer(https: bool) -> dict[str, str]:
    """JSON, text and redirects."""
    extra = {"Cache-Control": "no-store", "Content-Security-Policy": _ANSWER_CSP}
    return _secured({**EVERYWHERE, **extra}, https)


def file(https: bool) -> dict[str, str]:
    """What a stranger sent: should a browser ever take it for a page, then for one that can do nothing."""
    return answer(https) | {"Content-Security-Policy": f"{_ANSWER_CSP}; sandbox"}


def stream(https: bool) -> dict[str, str]:
    """Event streams: proxies must neither keep, compress nor hold them back."""
    extra = {
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-store, no-transform",
        "X-Accel-Buffering": "no",
    }
    return _secured({**EVERYWHERE, **extra}, https)


def asset(https: bool) -> dict[str, str]:
    """Files whose name carries the hash of their content."""
    extra = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Vary": "Accept-Encoding",
    }
    return _secured({**EVERYWHERE, **extra}, https)
