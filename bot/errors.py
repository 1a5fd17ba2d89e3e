"""Errors with words for people.

* UserError       its text is shown as it stands: what happened, what to do
  * Refused       a limit: what it is, and when it lifts
  * NotYours      somebody else's, or decided before
* SettingsError   the environment is not enough to start with (bot/settings.py)
"""


class UserError(Exception):
    """Its text is shown to the person as it stands."""


class Refused(UserError):
    """A limit was met. ``code`` names it; ``retry_after`` is in seconds, None when waiting does not help."""

    def __init__(self, text: str, *, code: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.retry_after = retry_after


class NotYours(UserError):
    """It is another member's, or was decided before."""
