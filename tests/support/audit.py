"""Keys for the audit of a test's own database, and those of an Usher that has a key file beside its own."""

from bot.running.audit_keys import made_from
from mcp_runtime.secrets.keys import keys_for
from storage.repositories.workspaces.audit_chain import AuditKeys

KEYS = AuditKeys({"of-tests": bytes(range(32))})


def keys_beside(url: str) -> AuditKeys:
    return AuditKeys(made_from(keys_for(None, url)))
