"""`usher doctor`: is everything there that Usher needs, and if not, what to do."""

from bot.doctor.checks import examined
from bot.doctor.finding import Finding

__all__ = ["Finding", "examined"]
