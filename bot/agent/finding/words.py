"""The words that a tool is found by: those of the memory's search, and of each plural its singular too."""

from collections.abc import Iterator

from storage.search import words as search


def words(text: str) -> Iterator[str]:
    """Each word, with a plural's s and without; what comes twice comes twice."""
    for word in search.words(text):
        yield word
        if len(word) > 2 and word.endswith("s"):
            yield word[:-1]
