"""Ids and time stamps in Slack's style."""

import secrets
import string

from playground.slack.core.clock import Clock

TEAM, APP, APP_USER, APP_BOT, SLACKBOT = "T0LOCAL", "A0USHER", "U0USHER", "B0USHER", "USLACKBOT"
OTHER_APP, OTHER_BOT, WORKFLOW = "U0DEPLOYS", "B0DEPLOYS", "B0WORKFLOW"
"""Another app of the workspace, with an account and as a bot; and a workflow, which has no account."""
_ALPHABET = string.ascii_uppercase + string.digits


def new_id(prefix: str) -> str:
    return prefix + "0" + "".join(secrets.choice(_ALPHABET) for _ in range(9))


class Stamps:
    """Time stamps of messages: microseconds, each later than the one before."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._last = clock, 0

    def next(self) -> str:
        self._last = max(int(self._clock() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def seen(self, ts: str) -> None:
        """A stamp from before a restart, in case the clock went back."""
        self._last = max(self._last, int(ts.replace(".", "")))
