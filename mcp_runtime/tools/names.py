"""The names that tools go by among all that a member has: ``slug__tool``."""

import hashlib
import re
from collections.abc import Container
from itertools import count

MAX = 64
DIGEST = 8
OURS = "usher__"
"""Begins the names of Usher's own tools and of no others."""


def exposed(slug: str, tool: str, taken: Container[str] = ()) -> str:
    """At most 64 of ``[A-Za-z0-9_-]``, begun by a letter; one that had to be bent, or is taken, ends with a hash."""
    plain = f"{slug}__{tool}"
    name = re.sub(r"[^A-Za-z0-9_-]", "_", plain)
    if not name[0].isalpha() or name.startswith(OURS):
        name = f"t_{name}"
    if name == plain and len(name) <= MAX and name not in taken:
        return name
    bent = (f"{name[: MAX - DIGEST - 1]}_{_digest(slug, tool, number)}" for number in count())
    return next(each for each in bent if each not in taken)


def _digest(slug: str, tool: str, number: int) -> str:
    """Another for each number: a server can give a tool the very name that another was bent to."""
    told = "\0".join((slug, tool, *([str(number)] if number else [])))
    return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:DIGEST]
