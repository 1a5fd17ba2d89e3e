"""What no workspace chooses a time for: each kind, its table, and so much of it as goes at once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.services.chats.members.sent_files import KEPT as SENT_KEPT
from bot.services.links.making.drafts import KEPT as DRAFTS_KEPT
from bot.services.links.uploads.uploads import KEPT as UNSENT_KEPT
from bot.services.reminders.reminders import KEPT as REMINDERS_KEPT
from bot.services.tokens import access, repeats
from bot.services.watch.security_events import KEPT as SECURITY_KEPT
from storage.clock import microseconds
from storage.database import Tables
from storage.schema import now

EVENTS_KEPT = timedelta(days=7)
"""Slack repeats an event for minutes; a week is more than any retry."""
TICKETS_KEPT = timedelta(days=1)
ELICITATIONS_KEPT = timedelta(days=30)
"""A click on an old one is still told what became of it."""
FILES_KEPT = timedelta(days=7)
"""Slack may be away for hours; what it has not taken by then nobody waits for."""
USAGE_KEPT = timedelta(days=400)
"""A year, and the month before: budgets and views look no further back."""
JOBS_KEPT = timedelta(days=30)
"""What was due for so long is of a kind that no version knows any more."""
LINKS_KEPT = timedelta(days=90)
"""After their end, once nothing of their chats is left: for lists, and for who comes back with an old address."""

Some = Callable[[Tables, int], Awaitable[int]]
"""Deletes so many rows at most; how many there were."""


@dataclass(frozen=True)
class Kind:
    """``table`` is what it is kept in."""

    table: str
    gone: Some


KINDS = (
    Kind("handled_slack_events", lambda tables, most: tables.handled.purge(now() - EVENTS_KEPT, most)),
    Kind("reminders", lambda tables, most: tables.reminders.purge(now() - REMINDERS_KEPT, most)),
    Kind("tickets", lambda tables, most: tables.tickets.purge(now() - TICKETS_KEPT, most)),
    Kind("access_tokens", lambda tables, most: tables.access_tokens.purge(now() - access.KEPT, most)),
    Kind("api_requests", lambda tables, most: tables.api_requests.purge(now() - repeats.KEPT, most)),
    Kind("temporary_chat_codes", lambda tables, most: tables.codes.purge(now(), most)),
    Kind("temporary_chat_drafts", lambda tables, most: tables.link_drafts.purge(now() - DRAFTS_KEPT, most)),
    Kind("elicitations", lambda tables, most: tables.elicitations.purge(now() - ELICITATIONS_KEPT, most)),
    Kind("oauth_flows", lambda tables, most: tables.oauth.purge(now(), most)),
    Kind("turn_files", lambda tables, most: tables.files.purge(now() - FILES_KEPT, most)),
    Kind("guest_files", lambda tables, most: tables.guest_files.purge(now() - UNSENT_KEPT, most)),
    Kind("member_files", lambda tables, most: tables.member_files.purge(now() - SENT_KEPT, most)),
    Kind("security_events", lambda tables, most: tables.security.purge(now() - SECURITY_KEPT, most)),
    Kind("budgets", lambda tables, most: tables.budgets.purge(now(), most)),
    Kind("model_usage", lambda tables, most: tables.model_usage.purge(now() - USAGE_KEPT, most)),
    Kind("scheduled_jobs", lambda tables, most: tables.jobs.purge(now() - JOBS_KEPT, most)),
    Kind("rate_limits", lambda tables, most: tables.rates.purge(microseconds(), most)),
)
