"""Forms made from a JSON schema: for a tool that is tried out, for what a server asks in between, for a prompt."""

from bot.slack.screens.schema_forms.form import Filled, Form, blocks, read
from bot.slack.screens.schema_forms.words import Summary, summary

__all__ = ["Filled", "Form", "Summary", "blocks", "read", "summary"]
