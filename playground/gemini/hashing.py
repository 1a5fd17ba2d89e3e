"""Embeddings without a model: the same text gives the same vector on every machine.

Feature hashing of words and of letter triples. It knows no meaning, only shared spelling: forms of a word, typing
errors, compounds. Enough to show a search by vectors, and never a stand-in for a real model.
"""

import hashlib
import math
import re
import unicodedata
from collections import Counter

MOST = 2_000
"""Words of one text."""


def vector(text: str, dimensions: int) -> list[float]:
    """Of length 1; all noughts when the text has no words."""
    features: Counter[str] = Counter()
    for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())[:MOST]:
        features[f"w:{word}"] += 2
        marked = f"<{word}>"
        features.update(f"t:{marked[at : at + 3]}" for at in range(len(marked) - 2))
    values = [0.0] * dimensions
    for feature, count in features.items():
        # Not hash(): Python salts it anew in every process.
        number = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "big")
        values[(number >> 1) % dimensions] += (1.0 if number & 1 else -1.0) * (1 + math.log(count))
    length = math.sqrt(sum(value * value for value in values))
    return [value / length for value in values] if length else values
