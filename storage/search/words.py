"""Words for the index, made in Python, so that SQLite and PostgreSQL find the same things in every language.

Both databases are given words that are ready, joined by blanks, and told to do nothing more to them: FTS5 with
``unicode61``, PostgreSQL with the configuration ``simple``. Neither needs an extension, a dictionary or a locale.
"""

import re
import unicodedata
from collections.abc import Iterator

MOST = 4_000  # of one chunk: PostgreSQL refuses a tsvector beyond 1 MiB, and with it the whole INSERT
LONGEST = 40
STEM = 6
"""Letters that are kept of a word: a stem for every language. Of 600 questions to 8,503 texts, 63 of 100 find theirs
among the first ten by whole words, 65 with Porter's English stems, 66 with this. Words with digits stay whole."""

# Identifiers are found whole and by their parts: getFileContent, get_file_content, ABC-123, v1.2.3.
_WORD = re.compile(r"[^\W_]+(?:[-_.'][^\W_]+)*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
# Scripts without blanks between words: Han, Hiragana, Katakana, Hangul, Thai, Lao, Khmer, Burmese.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


def indexed(text: str, stem: int = STEM) -> str:
    """What to store beside a chunk: for the index alone, never shown."""
    found: list[str] = []
    for word in words(text):
        found.append(_stem(word, stem))
        if len(found) == MOST:
            break
    return " ".join(found)


def asked(query: str, most: int = 24, stem: int = STEM) -> list[str]:
    """The words of a question, each once. Nothing in them has a meaning to either query language."""
    return list(dict.fromkeys(_stem(word, stem) for word in words(query)))[:most]


def for_fts5(words: list[str], *, every: bool = False) -> str:
    """Quoted, since FTS5 reads AND, OR, NOT, NEAR, ``-``, ``*`` and ``:`` as its own."""
    return (" " if every else " OR ").join(f'"{word}"' for word in words)


def for_tsquery(words: list[str], *, every: bool = False) -> str:
    """For ``CAST(… AS tsquery)``, which parses nothing further: what was quoted is a lexeme as it stands."""
    return (" & " if every else " | ").join(f"'{word}'" for word in words)


def _stem(word: str, letters: int) -> str:
    return word[:letters] if word.isalpha() else word


def words(text: str) -> Iterator[str]:
    """Whole, and as they stand but for case and accents; what comes twice comes twice."""
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text)):
        whole = match.group()
        yield from _pairs(whole) if _UNSPACED.search(whole) else _with_parts(whole)


def _with_parts(whole: str) -> Iterator[str]:
    found = dict.fromkeys([_plain(whole), *(_plain(part) for part in _PART.findall(whole))])
    yield from (word for word in found if word)


def _pairs(text: str) -> Iterator[str]:
    """Every two neighbouring characters, as search engines do for these scripts; other letters go as words."""
    place = 0
    for run in _UNSPACED.finditer(text):
        yield from (_plain(word) for word in _PART.findall(text[place : run.start()]))
        letters = run.group()
        yield from (letters[at : at + 2] for at in range(max(1, len(letters) - 1)))
        place = run.end()
    yield from (_plain(word) for word in _PART.findall(text[place:]))


def _plain(word: str) -> str:
    """Without case and accents, joined: both databases would split again at signs."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if c.isalnum())
    return bare[:LONGEST]
