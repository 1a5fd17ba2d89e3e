"""What Usher is told when it starts; the only room that reads the environment."""

from bot.settings.settings import Settings, SettingsError

__all__ = ["Settings", "SettingsError"]
