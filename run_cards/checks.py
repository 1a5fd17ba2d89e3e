"""Checks of what is typed into a card's form, shared by cards: each gives a complaint or None."""

import re

MAX_TOKEN = 8000
MAX_NAME = 40


def own_name(value: str) -> str | None:
    """A member's own name for a connection."""
    value = value.strip()
    if not value:
        return "Give it a name that you will know it by."
    if len(value) > MAX_NAME:
        return f"A name has at most {MAX_NAME} characters."
    if re.sub(r"[^a-z0-9]", "", value.casefold()) == "usher":
        return "That is my own name, and its tools would look like mine. Choose another."
    return None if value.isprintable() else "A name is one line of plain text."


def one_word(value: str) -> str | None:
    """A token as headers can carry it; none is fine too."""
    value = value.strip()
    plain = value.isascii() and " " not in value and (value.isprintable() or not value)
    if plain and len(value) <= MAX_TOKEN:
        return None
    return "A token is one word of letters, digits and signs. Paste it whole, without “Bearer”."
