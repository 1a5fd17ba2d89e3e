"""Whose memories these are, as one word of the index."""

import hashlib

from storage.members import Member


def who(member: Member) -> str:
    """32 hexadecimal digits, which no tokenizer takes apart and nobody can type as another's."""
    return hashlib.blake2b(f"{member.workspace}\0{member.id}".encode(), digest_size=16).hexdigest()
