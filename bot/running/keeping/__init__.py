"""Nothing is kept for ever: what there is, for how long each kind is kept, and the one job that sees to it."""

from bot.running.keeping.rounds import enforce

__all__ = ["enforce"]
