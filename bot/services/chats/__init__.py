"""Conversations: what is said, the turns that answer, what both doors show of them."""

from bot.services.chats.chats import Chats
from bot.services.chats.values import (
    LEASE_SECONDS,
    Attached,
    Begun,
    Decision,
    Delta,
    HeldBack,
    Place,
    Said,
    Told,
    unpacked,
)

__all__ = [
    "LEASE_SECONDS",
    "Attached",
    "Begun",
    "Chats",
    "Decision",
    "Delta",
    "HeldBack",
    "Place",
    "Said",
    "Told",
    "unpacked",
]
