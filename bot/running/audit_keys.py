"""The keys that seal the audit, one made from each master key: whoever has the database alone cannot make it anew."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import make_url

from bot.services.tokens import server_key
from bot.settings import Settings
from mcp_runtime.secrets.keys import KeyUnusable, MasterKey, keys_again, keys_for
from storage.repositories.workspaces.audit_chain import AuditKeys

USE = "audit"


def key_file_is_missing(settings: Settings) -> bool:
    """Reading the keys would make it: that is for the first start to do."""
    file = make_url(settings.database_url).database
    return settings.secret_key is None and not settings.is_postgres and not Path(f"{file}.key").exists()


def audit_keys(settings: Settings) -> AuditKeys:
    """Raises `KeyUnusable`, OSError."""
    given = settings.secret_key.get_secret_value() if settings.secret_key else None
    read_again = keys_again(given, settings.database_url)

    def again() -> Mapping[str, bytes]:
        try:
            return made_from(read_again()) if read_again else {}
        except (KeyUnusable, OSError):
            return {}  # what is not known then is told as such

    return AuditKeys(made_from(keys_for(given, settings.database_url)), again)


def made_from(masters: Sequence[MasterKey]) -> Mapping[str, bytes]:
    return {each.id: server_key(each.secret, USE) for each in masters}
