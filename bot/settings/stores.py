"""Which store this installation keeps new secrets in, and why."""

import os

from bot.settings.files import ENV_FILE
from bot.settings.settings import Settings
from mcp_runtime.secrets.choosing import Choice, chosen


def store_choice(settings: Settings) -> Choice:
    """May ask this machine's keyring whether it is there, which blocks."""
    # A keyring is one machine's; PostgreSQL may serve several.
    at_a_desk = ENV_FILE.is_file() and not settings.is_postgres
    return chosen(settings.secret_store, os.environ, at_a_desk=at_a_desk)
