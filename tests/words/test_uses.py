"""Each key that the product asks for is there, and each that is there is asked for."""

import re
from pathlib import Path

import pytest

from bot.words.catalogues import catalogue

BOT = Path(__file__).parents[2] / "bot"
REFUSED = re.compile(r"""\brefused\(\s*"(\w+)\"""")
REFUSAL = re.compile(r"""\brefusal\(\s*request,\s*[\w.]+,\s*"(\w+)"(,\s*(?!retry_after)\w)?""")


def sources() -> dict[str, str]:
    return {str(path.relative_to(BOT)): path.read_text() for path in BOT.rglob("*.py")}


def refused() -> set[str]:
    """Codes that services refuse with, or the web's edge without words of its own."""
    texts = sources().values()
    ours = {code for text in texts for code in REFUSED.findall(text)}
    return ours | {code for text in texts for code, own in REFUSAL.findall(text) if not own}


def test_each_refusal_has_its_sentence() -> None:
    codes = refused()
    assert {"empty", "too_long", "origin", "streams"} <= codes
    assert codes <= set(catalogue("en")["refused"])


@pytest.mark.parametrize("rule", [REFUSED, REFUSAL])
def test_the_search_finds_what_it_is_meant_to(rule: re.Pattern[str]) -> None:
    assert any(rule.search(text) for text in sources().values())
