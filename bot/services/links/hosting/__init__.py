"""A link's creator in the loop: they follow their guests' chats, step in, and hand back."""

from bot.services.links.hosting.hosting import Hosting
from bot.services.links.hosting.mirroring import Mirroring, Part

__all__ = ["Hosting", "Mirroring", "Part"]
