"""`usher doctor`: is everything there that Usher needs, and if not, what to do."""

from bot.doctor.telling import consult

__all__ = ["consult"]
