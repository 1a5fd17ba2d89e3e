"""Errors with words for people.

* UserError       its text is shown as it stands: what happened, what to do
  * Refused       a limit: what it is, and when it lifts
  * NotYours      somebody else's, or decided before
  * NotFound      nothing of that name; what is near to it
  * FormError     a complaint for each field of a form that was filled in wrongly
* SettingsError   the environment is not enough to start with (bot/settings.py)
"""

from collections.abc import Mapping
from typing import Any


class UserError(Exception):
    """Its text is shown to the person as it stands."""


class Refused(UserError):
    """A limit was met. ``code`` names it; ``retry_after`` is in seconds, None when waiting does not help.

    ``values`` are what it takes to say it in another language.
    """

    def __init__(
        self, text: str, *, code: str, retry_after: float | None = None, values: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(text)
        self.code = code
        self.retry_after = retry_after
        self.values = dict(values or {})


class NotYours(UserError):
    """It is another member's, or was decided before."""


class NotFound(UserError):
    """Nothing is called so. ``near`` is the id of what may have been meant, empty when nothing is near."""

    def __init__(self, text: str, near: str = "") -> None:
        super().__init__(text)
        self.near = near


class FormError(UserError):
    """Each complaint under the name of its field; under ``""`` what belongs to none."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)
