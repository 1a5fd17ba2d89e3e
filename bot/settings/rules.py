"""What a value of the environment has to look like; each complaint goes on from the variable's name."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from mcp_runtime.addresses import Reach
from mcp_runtime.sandbox.view.folders import parse as parse_folders
from mcp_runtime.secrets import KeyUnusable, parse_keys
from mcp_runtime.secrets.choosing import LIBRARIES, STORES, is_installed

QUOTED = re.compile(r"""(['"`]).*\1|[“„«‘].*[”“»’]""", re.DOTALL)
PREFIX = re.compile(r"^(xox[a-z]-|xapp-(\d-)?|sk-)")
PLACEHOLDER = re.compile(
    r"(\.\.\.|…)$|(^|[:/@,=])<[a-z][\w .'-]*>($|[:/@?,])|^(change|replace)[-_ ]?(me|this|it)$"
    r"|^(insert|put|enter|paste)[-_ ](your|my|the|a|it)\b"
    r"|^(your|my|the)[-_ ]?((slack|gemini|google|bot|app|api|signing|secret|access)[-_ ]?)*(token|key|secret|password)"
    r"([-_ ](goes[-_ ])?here)?$"
    r"|^(todo|tbd|fixme|placeholder|x{3,}|\*{3,})$",
    re.IGNORECASE,
)
KINDS = {
    "xoxb-": "the bot token, which belongs into SLACK_BOT_TOKEN",
    "xapp-": "the app-level token, which belongs into SLACK_APP_TOKEN",
    "xoxp-": "a user token (xoxp-), with which Usher would act as a person",
    "xoxe": "a token of token rotation (xoxe), which expires: switch rotation off in the app's settings",
    "AIza": "a key of Google's, which belongs into GEMINI_API_KEY",
}
"""By how they begin."""
INSTALL_STORES = "Install it as docs/operations.md tells under “Where secrets lie”"
MAKE_A_KEY = 'Make one with: python -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'


def words(value: object) -> frozenset[str]:
    """What stands between commas."""
    parts = value.split(",") if isinstance(value, str) else list(value) if isinstance(value, frozenset | tuple) else []
    return frozenset(part.strip() for part in parts if part.strip())


def listed(value: object) -> tuple[str, ...]:
    """The same in its order; raises ValueError for what names no module and thing in it."""
    parts = value.split(",") if isinstance(value, str) else list(value) if isinstance(value, tuple) else []
    found = tuple(part.strip() for part in parts if part.strip())
    if any(each.count(":") != 1 or not all(each.split(":")) for each in found):
        raise ValueError("has to be like package.module:name, several by commas")
    return found


def a_value(value: object) -> object:
    """What was put in; raises ValueError where it only stands for a value."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if len(text) > 1 and QUOTED.fullmatch(text):
        raise ValueError("stands in quotation marks, which count as part of it here: remove them")
    if PLACEHOLDER.search(PREFIX.sub("", text)):
        raise ValueError("still holds a placeholder instead of a value of yours")
    return text


def bot_token(value: SecretStr) -> SecretStr:
    return _starting(
        value, "xoxb-", "the bot token, which starts with xoxb- (OAuth & Permissions in the app's settings)"
    )


APP_OF_TOKEN = re.compile(r"xapp-\d-(A[A-Z0-9]+)-")
"""An app-level token names its app."""


def app_token(value: SecretStr | None) -> SecretStr | None:
    wanted = "an app-level token, which starts with xapp- (Basic Information, App-Level Tokens)"
    return value and _starting(value, "xapp-", wanted)


def signing_secret(value: SecretStr | None) -> SecretStr | None:
    text = value.get_secret_value() if value else ""
    if kind := _kind(text):
        raise ValueError(f"holds {kind}; it has to be the “Signing Secret” (Basic Information, App Credentials)")
    check_one_word(text)
    return value


def gemini_key(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.startswith("AIza") and (kind := _kind(text)):
        raise ValueError(f"holds {kind}; make a key in Google AI Studio")
    check_one_word(text)
    return value


def _starting(value: SecretStr, prefix: str, wanted: str) -> SecretStr:
    text = value.get_secret_value()
    if not text.startswith(prefix):
        kind = _kind(text)
        raise ValueError(f"holds {kind}; it has to be {wanted}" if kind else f"has to be {wanted}")
    check_one_word(text)
    return value


def _kind(text: str) -> str | None:
    return next((kind for prefix, kind in KINDS.items() if text.startswith(prefix)), None)


def check_one_word(text: str) -> None:
    if re.search(r"\s", text):
        raise ValueError("has a space or a line break inside: copy it again, in one piece")


def slack_api_url(value: str) -> str:
    return f"{url(value)}/"


def url(value: str | None) -> str | None:
    """Without a slash at its end."""
    if value is not None:
        _address(value)
    return value and value.rstrip("/")


def secret_key(value: SecretStr | None) -> SecretStr | None:
    if value is None:
        return value
    try:
        keys = parse_keys(value.get_secret_value())
    except KeyUnusable:
        keys = []
    if not keys:
        raise ValueError(f"has to be 32 bytes in URL-safe base64, 44 characters, or several by commas. {MAKE_A_KEY}")
    return value


def secret_store(value: str) -> str:
    if value not in STORES:
        raise ValueError(f"has to be one of {', '.join(STORES)}")
    if value in LIBRARIES and not is_installed(value):
        raise ValueError(f"cannot be {value}: what that store needs is not installed. {INSTALL_STORES}")
    return value


def public_base_url(value: str | None) -> str | None:
    """An origin; its pages hand out secrets, so only this machine may do without https."""
    if value is None:
        return None
    parts = _address(value)
    if parts.path not in ("", "/"):
        raise ValueError("has to be an address without a path, such as https://usher.example.org")
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ValueError("has to begin with https:// unless it is this machine's own address (127.0.0.1, localhost)")
    return value.rstrip("/")


def smtp_url(value: SecretStr | None) -> SecretStr | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value.get_secret_value())
        usable = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("has to be an address such as smtps://user:password@mail.example.org:465")
    return value


def mail_address(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[^@\s<>\",;:]{1,64}@[A-Za-z0-9.-]+", value, re.ASCII):
        raise ValueError("has to be one address of mail, such as usher@example.org")
    return value


def networks(value: object) -> tuple[str, ...]:
    """Addresses or networks, by commas."""
    found = tuple(sorted(words(value)))
    for each in found:
        try:
            ipaddress.ip_network(each, strict=False)
        except ValueError:
            raise ValueError("has to be IP addresses or networks, by commas") from None
    return found


def private_hosts(value: str) -> str:
    try:
        Reach.allowing(value)
    except ValueError:
        raise ValueError("has to be hosts, host:port or networks, by commas") from None
    return value


def folders(value: object) -> object:
    return parse_folders(value) if isinstance(value, str) else value


def _address(value: str) -> SplitResult:
    complaint = "has to be an address such as https://usher.example.org"
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise ValueError(complaint) from None
    if not usable or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(complaint)
    return parts


def reaches_this_machine(host: str) -> bool:
    """Is what listens there reached by a loopback address?"""
    return host in ("0.0.0.0", "::") or _is_loopback(host)  # noqa: S104  compared, not listened on


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
