"""A text as the words that it is found by, alike in every language: no dictionary, no case, no accents."""

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 40  # characters of a word
# Identifiers are found whole and by their parts: getFileContent, get_file_content, ABC-123.
_WORD = re.compile(r"[^\W_]+(?:[-_.'][^\W_]+)*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
# Scripts that put no blanks between words: Han, Hiragana, Katakana, Hangul, Thai, Lao, Burmese, Khmer.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


def words(text: str) -> Iterator[str]:
    """Each word, with a plural's s and without; what comes twice comes twice."""
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text)):
        whole = match.group()
        for word in _pairs(whole) if _UNSPACED.search(whole) else _with_parts(whole):
            yield word
            if len(word) > 2 and word.endswith("s"):
                yield word[:-1]


def _with_parts(whole: str) -> Iterator[str]:
    found = dict.fromkeys([_plain(whole), *(_plain(part) for part in _PART.findall(whole))])
    yield from (word for word in found if word)


def _pairs(text: str) -> Iterator[str]:
    """Every two neighbours of such a script; other letters go as words."""
    place = 0
    for run in _UNSPACED.finditer(text):
        yield from _with_parts(text[place : run.start()])
        letters, place = run.group(), run.end()
        yield from (letters[at : at + 2] for at in range(max(1, len(letters) - 1)))
    yield from _with_parts(text[place:])


def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if c.isalnum())[:LONGEST]
