"""Logs: one line an event on standard error, and no secret in any of them."""

import logging
import re
import sys
from typing import TextIO

from storage.engines.room import is_full

FORM = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
# Kinds of secrets that name themselves; the rest of each is masked.
SECRETS = re.compile(
    r"\b(?:(?P<ours>t[csk]_)[A-Za-z0-9_-]{8,}"
    r"|(?P<slack>(?:xox[a-z]|xapp)-)[A-Za-z0-9%.-]+"
    r"|(?P<google>AIza)[A-Za-z0-9_-]{20,}"
    r"|(?P<members>gh[a-z]_|github_pat_|sbp_)[A-Za-z0-9_]{20,}"
    r"|(?P<bearer>(?i:bearer)\s+)[A-Za-z0-9._~+/=-]+)"
)
# What of a URL is a secret of itself: Socket Mode's ticket, a server's key, a database's password.
IN_URLS = re.compile(
    r"(?P<named>[?&](?:[\w.-]*[_.-])?(?:ticket|token|key|apikey|code|state|secret|password|sig|signature|auth)=)"
    r"[^&#\s\"']+|(?P<user>://[^:/@\s]+:)[^@/\s]+(?=@)",
    re.IGNORECASE,
)
# Where others quote what was given to them: the database's driver, and whoever checks a server's answers.
QUOTED = re.compile(
    r"(?P<row>\bDETAIL:  ).*|(?P<argument>query argument \$\d+: ).*|(?P<input>\binput_value=).*(?=, input_type=)"
)

# Some log raw lines, tokens, session ids or every request; what matters of it is logged by us.
QUIET = {
    "mcp.client.auth.oauth2": logging.CRITICAL,
    "mcp.client.stdio": logging.CRITICAL,
    "mcp.client.streamable_http": logging.CRITICAL,
    "aiohttp.server": logging.CRITICAL,  # a traceback for each line that is no HTTP, with the line and the caller
    "client": logging.CRITICAL,  # the MCP session's logger is plainly named so
    "httpx2": logging.WARNING,
    "httpcore2": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "google_genai": logging.WARNING,
    "slack_bolt": logging.WARNING,
    "slack_sdk": logging.WARNING,
    "apscheduler": logging.WARNING,
    "alembic": logging.WARNING,
    "sqlalchemy.engine": logging.WARNING,
    "asyncio": logging.WARNING,
}


def masked(text: str) -> str:
    """The text with what looks like a secret replaced, keeping what kind it was."""
    return QUOTED.sub(_mask, IN_URLS.sub(_mask, SECRETS.sub(_mask, text)))


def _mask(found: re.Match[str]) -> str:
    return f"{next(filter(None, found.groups()))}***"


class MaskSecrets(logging.Formatter):
    """The net under the rule that no log call is given a secret in the first place."""

    def format(self, record: logging.LogRecord) -> str:
        # The whole line, so that tracebacks are covered too.
        return masked(super().format(record))


class SaidOnce(logging.Filter):
    """What fails because the disk is full fills it further: that it is full has been said (`storage.engines.room`)."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.exc_info is None or not is_full(record.exc_info[1])


def set_up(level: int | str = logging.INFO, stream: TextIO | None = None) -> None:
    """Log to standard error from now on, and let libraries say only what is safe."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(MaskSecrets(FORM))
    handler.addFilter(SaidOnce())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
