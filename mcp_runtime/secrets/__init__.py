"""Members' secrets: sealed at rest, open only while in use."""

from mcp_runtime.secrets.keys import KeyUnusable, MasterKey, keys_for, parse_keys
from mcp_runtime.secrets.outside import StoreAway
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.secrets.vault import CannotOpen, Vault

__all__ = ["CannotOpen", "KeyUnusable", "MasterKey", "SecretStore", "StoreAway", "Vault", "keys_for", "parse_keys"]
