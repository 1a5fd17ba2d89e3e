"""Stores outside of the database: what is asked of each, and each in a file of its own."""

from mcp_runtime.secrets.outside.store import OutsideStore, StoreAway
from mcp_runtime.secrets.outside.stores import OUTSIDE, OutsideStores

__all__ = ["OUTSIDE", "OutsideStore", "OutsideStores", "StoreAway"]
