"""`usher doctor`: is everything there that Usher needs, and if not, what to do."""

from bot.doctor.model_check import key_refused
from bot.doctor.telling import consult

__all__ = ["consult", "key_refused"]
