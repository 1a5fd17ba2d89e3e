"""What a value of the environment has to look like; each complaint goes on from the variable's name."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from mcp_runtime.addresses import Reach
from mcp_runtime.secrets import KeyUnusable, parse_keys

LATER_STORES = ("keyring", "gcp", "aws")
MAKE_A_KEY = 'Make one with: python -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'


def words(value: object) -> frozenset[str]:
    """What stands between commas."""
    parts = value.split(",") if isinstance(value, str) else list(value) if isinstance(value, frozenset | tuple) else []
    return frozenset(part.strip() for part in parts if part.strip())


def bot_token(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith("xoxb-"):
        raise ValueError("has to be the bot token, which starts with xoxb- (OAuth & Permissions in the app's settings)")
    return value


def app_token(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not value.get_secret_value().startswith("xapp-"):
        raise ValueError("has to be an app-level token, which starts with xapp- (Basic Information, App-Level Tokens)")
    return value


def slack_api_url(value: str) -> str:
    return f"{url(value)}/"


def url(value: str | None) -> str | None:
    """Without a slash at its end."""
    if value is not None:
        _address(value)
    return value and value.rstrip("/")


def database_url(value: str) -> str:
    try:
        parsed = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("is not a database URL, such as sqlite+aiosqlite:///usher.db") from None
    if parsed.drivername not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        raise ValueError("has to begin with sqlite+aiosqlite:/// or postgresql+asyncpg://")
    if parsed.drivername.startswith("sqlite") and parsed.database in (None, "", ":memory:"):
        raise ValueError("has to name a file: what is kept in memory would not survive a restart")
    return value


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
    if value in LATER_STORES:
        raise ValueError(f"cannot be {value}: that store is not available in this version; unset it or say database")
    if value not in ("auto", "database"):
        raise ValueError("has to be auto or database")
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


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
