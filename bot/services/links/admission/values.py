"""Who may start on a link, as its table has it."""

ANYONE, PASSCODE = "anyone", "passcode"
CHOICES = (ANYONE, PASSCODE)
"""In the order shown."""
