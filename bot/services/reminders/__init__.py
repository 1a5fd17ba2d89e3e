"""What members want to be reminded of: set, listed, cancelled, told once."""

from bot.services.reminders.reminders import REMINDER, Reminders

__all__ = ["REMINDER", "Reminders"]
