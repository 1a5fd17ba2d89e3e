"""Checks of what is typed into a card's form, shared by cards: each gives a complaint or None."""

MAX_TOKEN = 8000


def one_word(value: str) -> str | None:
    """A token as headers can carry it; none is fine too."""
    value = value.strip()
    plain = value.isascii() and " " not in value and (value.isprintable() or not value)
    if plain and len(value) <= MAX_TOKEN:
        return None
    return "A token is one word of letters, digits and signs. Paste it whole, without «Bearer»."
