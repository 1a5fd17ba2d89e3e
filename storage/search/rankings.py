"""One ranking of several: reciprocal ranks, which need no common scale, and BM25 where a database lacks it."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

K = 10
"""The usual 60 is for rankers that are equally good; with a weaker second one it finds less than words alone."""
SATURATES, LENGTH_COUNTS = 1.2, 0.9
"""BM25's k and b. With the usual 0.75 for b less is found: of pieces cut alike, a longer one says more things."""
RARITY_COUNTS = 1.3
"""Power of a word's rarity: questions are whole sentences, most of whose words say little."""


def fused(*rankings: Sequence[int], weights: Sequence[float], most: int) -> list[int]:
    """What stands high in several rankings first. Equal scores keep the first ranking's order."""
    scores: dict[int, float] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for place, number in enumerate(ranking, 1):
            scores[number] = scores.get(number, 0.0) + weight / (K + place)
    return sorted(scores, key=lambda number: -scores[number])[:most]


def rarities(having: Mapping[str, int], documents: int) -> dict[str, float]:
    """What each word is worth that any has, by how many of all ``documents`` have it."""
    return {word: math.log(1 + (documents - n + 0.5) / (n + 0.5)) ** RARITY_COUNTS for word, n in having.items() if n}


def by_bm25(rarity: Mapping[str, float], candidates: Iterable[tuple[int, str]]) -> list[int]:
    """Candidates (number and indexed words), best first; ``rarity`` is what each word that was asked for is worth.

    PostgreSQL's own ranks know no rarity: «the» counts as much as «invoice»; FTS5's knows it less.
    """
    told = [(number, Counter(text.split())) for number, text in candidates]
    average = sum(counts.total() for _, counts in told) / len(told) if told else 1.0

    def score(counts: Counter[str]) -> float:
        long = SATURATES * (1 - LENGTH_COUNTS + LENGTH_COUNTS * counts.total() / (average or 1.0))
        each = ((worth, counts[word]) for word, worth in rarity.items() if counts[word])
        return sum(worth * times * (SATURATES + 1) / (times + long) for worth, times in each)

    return [number for number, _ in sorted(told, key=lambda found: -score(found[1]))]
