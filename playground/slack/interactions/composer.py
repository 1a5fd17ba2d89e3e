"""What becomes of typed text on its way to the app: escapes, mentions and links as Slack writes them."""

import re
from collections.abc import Callable

from playground.slack.core.people import Directory

_URL = re.compile(r"https?://[^\s<>|]+[^\s<>|.,;:!?)\]}'\"»”]")


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Composer:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def message(self, typed: str) -> str:
        """A message as it is stored: ``<@U…>``, ``<#C…>``, ``<https://…>``."""
        return self._written(typed, lambda id_, name: f"<@{id_}>")

    def command(self, typed: str, should_escape: bool) -> str:
        return self._written(typed, lambda id_, name: f"<@{id_}|{name.lower()}>") if should_escape else typed

    def _written(self, typed: str, mention: Callable[[str, str], str]) -> str:
        text = escaped(_already_written(typed))
        for person in self._directory.people.values():
            named = re.compile(rf"(?<!\w)@{re.escape(person.name)}(?!\w)", re.IGNORECASE)
            text = named.sub(mention(person.id, person.name), text)
            text = text.replace(f"&lt;@{person.id}&gt;", mention(person.id, person.name))
        for channel in self._directory.channels.values():
            if not channel.is_im:
                text = re.sub(rf"(?<!\w)#{re.escape(channel.name)}(?!\w)", f"<#{channel.id}|{channel.name}>", text)
        return _URL.sub(lambda found: f"<{found[0]}>", text)


def _already_written(typed: str) -> str:
    """A link that a caller has bracketed himself."""
    return re.sub(r"<(https?://[^\s<>|]+)>", r"\1", typed)
