"""What was said to guests is deleted: when somebody asks for it, and when its time is over."""

from bot.services.links.erasing.erasing import Erasing

__all__ = ["Erasing"]
