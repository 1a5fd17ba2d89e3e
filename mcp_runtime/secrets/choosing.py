"""Which store new secrets are kept in: what ``SECRET_STORE`` says, or for ``auto`` what fits where Usher runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from mcp_runtime.secrets.moving import DATABASE
from mcp_runtime.secrets.outside.store import StoreAway

AUTO = "auto"
STORES = (AUTO, DATABASE, "keyring", "gcp", "aws")
GOOGLE = "GOOGLE_CLOUD_PROJECT"
IN_AWS = (
    "AWS_EXECUTION_ENV",
    "ECS_CONTAINER_METADATA_URI_V4",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
"""What AWS itself sets in what it runs. A region or a profile alone, as on many a desk, says nothing of secrets."""
LIBRARIES = {"keyring": "keyring", "gcp": "google.cloud.secretmanager_v1", "aws": "aiobotocore"}


@dataclass(frozen=True)
class Choice:
    store: str
    why: str
    """Goes on from the store's name."""
    missed: str = ""
    """What else would have been taken, and what it lacks; a sentence for administrators."""


def chosen(
    setting: str,
    env: Mapping[str, str],
    *,
    at_a_desk: bool,
    installed: Callable[[str], bool] | None = None,
    real_keyring: Callable[[], object] | None = None,
) -> Choice:
    """``at_a_desk``: settings come from a ``.env`` and one process serves all. Asking for a keyring may block."""
    if setting != AUTO:
        return Choice(setting, "as SECRET_STORE says")
    has = installed or is_installed
    if env.get(GOOGLE):
        return _cloud("gcp", f"{GOOGLE} is set", has)
    if name := next((name for name in IN_AWS if env.get(name)), ""):
        return _cloud("aws", f"{name} is set", has)
    if at_a_desk and has("keyring"):
        try:
            (real_keyring or _real_keyring)()
        except StoreAway:
            return Choice(DATABASE, "since this machine has no keyring that is open")
        return Choice("keyring", "since Usher runs from a .env at a machine that has a keyring")
    return Choice(DATABASE, "since nothing else is set")


def _cloud(store: str, sign: str, has: Callable[[str], bool]) -> Choice:
    if has(store):
        return Choice(store, f"since {sign}")
    missed = f"{sign}, but what SECRET_STORE={store} needs is not installed"
    return Choice(DATABASE, f"since what {store} needs is not installed", missed)


def is_installed(store: str) -> bool:
    """Looked for and not imported: what is not used is not to cost anything."""
    try:
        return find_spec(LIBRARIES[store]) is not None
    except ModuleNotFoundError:  # a package above it is not there
        return False


def _real_keyring() -> object:
    from mcp_runtime.secrets.outside.keyring_store import real_backend

    return real_backend()
