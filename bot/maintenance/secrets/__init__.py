"""`usher secrets`: where members' secrets lie; takes them to another store, puts them under a new master key."""

from bot.maintenance.secrets.command import options, secrets

__all__ = ["options", "secrets"]
