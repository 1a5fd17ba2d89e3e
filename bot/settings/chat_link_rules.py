"""What the values of chat links have to look like; each complaint goes on from the variable's name."""

import re

FILE_KINDS = ("picture", "pdf", "text")


def file_kinds(value: object) -> tuple[str, ...]:
    """Some of those that guests' files can be; raises ValueError for others, and for none."""
    parts = value.split(",") if isinstance(value, str) else list(value) if isinstance(value, tuple) else []
    found = tuple(part.strip().lower() for part in parts if part.strip())
    if not found or set(found) - set(FILE_KINDS):
        raise ValueError(f"has to be some of {', '.join(FILE_KINDS)}, by commas")
    return tuple(kind for kind in FILE_KINDS if kind in found)


def proof_of_work(value: str) -> str:
    if value not in ("auto", "always", "off"):
        raise ValueError("has to be auto, always or off")
    return value


def colour(value: str | None) -> str | None:
    if value is None:
        return None
    found = re.fullmatch(r"#?([0-9a-f]{6}|[0-9a-f]{3})", value, re.ASCII | re.IGNORECASE)
    if not found:
        raise ValueError("has to be a colour such as 1d6b63")
    digits = found[1].lower()
    return f"#{digits if len(digits) == 6 else ''.join(each * 2 for each in digits)}"
