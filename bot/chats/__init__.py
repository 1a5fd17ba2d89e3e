"""Conversations: what is said, the turns that answer, what both doors show of them."""

from bot.chats.chats import Chats
from bot.chats.values import LEASE_SECONDS, Decision, Delta, Place, Said, Told, unpacked

__all__ = ["LEASE_SECONDS", "Chats", "Decision", "Delta", "Place", "Said", "Told", "unpacked"]
