"""The names that tools go by among all that a member has: ``slug__tool``."""

import hashlib
import re
from collections.abc import Container

MAX = 64
DIGEST = 8


def exposed(slug: str, tool: str, taken: Container[str] = ()) -> str:
    """At most 64 of ``[A-Za-z0-9_-]``, begun by a letter; one that had to be bent, or is taken, ends with a hash."""
    plain = f"{slug}__{tool}"
    name = re.sub(r"[^A-Za-z0-9_-]", "_", plain)
    if not name[0].isalpha():
        name = f"t_{name}"
    if name == plain and len(name) <= MAX and name not in taken:
        return name
    digest = hashlib.sha256(f"{slug}\0{tool}".encode()).hexdigest()[:DIGEST]
    return f"{name[: MAX - DIGEST - 1]}_{digest}"
