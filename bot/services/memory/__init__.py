"""What members may find again, what they asked to have noted, and how both are forgotten."""

from bot.services.memory.memory import Kept, Memory
from bot.services.memory.values import Found, Gone, Hit, NotNoted

__all__ = ["Found", "Gone", "Hit", "Kept", "Memory", "NotNoted"]
