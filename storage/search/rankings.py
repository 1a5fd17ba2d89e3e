"""One ranking of several: reciprocal ranks, which need no common scale, and BM25 where a database lacks it."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

K = 10
"""The usual 60 is for rankers that are equally good; with a weaker second one it finds less than words alone."""
SATURATES, LENGTH_COUNTS = 1.2, 0.75
"""BM25's k and b."""


def fused(*rankings: Sequence[int], weights: Sequence[float], most: int) -> list[int]:
    """What stands high in several rankings first. Equal scores keep the first ranking's order."""
    scores: dict[int, float] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for place, number in enumerate(ranking, 1):
            scores[number] = scores.get(number, 0.0) + weight / (K + place)
    return sorted(scores, key=lambda number: -scores[number])[:most]


def by_bm25(
    words: Sequence[str], candidates: Iterable[tuple[int, str]], having: Mapping[str, int], documents: int
) -> list[int]:
    """Candidates (number and indexed words), best first. ``having``: how many of all ``documents`` have each word.

    PostgreSQL's own ranks know no rarity: «the» counts as much as «invoice».
    """
    told = [(number, Counter(text.split())) for number, text in candidates]
    average = sum(counts.total() for _, counts in told) / len(told) if told else 1.0
    rare = {word: math.log(1 + (documents - n + 0.5) / (n + 0.5)) for word in words if (n := having.get(word, 0))}

    def score(counts: Counter[str]) -> float:
        long = SATURATES * (1 - LENGTH_COUNTS + LENGTH_COUNTS * counts.total() / (average or 1.0))
        each = ((worth, counts[word]) for word, worth in rare.items() if counts[word])
        return sum(worth * times * (SATURATES + 1) / (times + long) for worth, times in each)

    return [number for number, _ in sorted(told, key=lambda found: -score(found[1]))]
