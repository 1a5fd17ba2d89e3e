"""What signing in at a service gives back, in values."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.errors import UserError


class FlowGone(UserError):
    """Used, too old, begun in another browser, or never begun. Nothing was touched."""


@dataclass(frozen=True)
class SignInView:
    """What the page before the sign-in shows: whose account will act for whom, and where it is."""

    title: str
    """Of the connection that is being made."""
    card: str
    """Title of its card; empty where the member has said the address."""
    server: str
    """The host whose tools will be called."""
    host: str
    """The host of the sign-in, where the button leads."""
    leads_to: str
    """Its origin."""
    member: str
    """The Slack member, by name, as the workspace."""
    workspace: str
    expires_at: datetime
    pictured: bool = False
    """The member has a picture."""


@dataclass(frozen=True)
class Started:
    """The browser goes on to ``url``, and keeps ``browser``, by which it is known when it comes back."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    browser: str = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """How it ended, for the browser; Slack is told apart."""

    ok: bool
    sentence: str
