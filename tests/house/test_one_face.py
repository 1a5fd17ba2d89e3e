"""Usher looks and sounds like one thing, whichever door one comes through."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DRAWINGS = ("bot/web/templates/mark.html", "bot/web/static/icon.svg", "playground/page/static/icons.svg")


def test_there_is_one_door() -> None:
    """The same lines wherever it is drawn; the colours are the page's."""
    doors = []
    for name in DRAWINGS:
        text = (ROOT / name).read_text()
        if found := re.search(r'<symbol id="usher" viewBox="0 0 40 40">.*?</symbol>', text, re.S):
            text = found[0]
        doors.append(re.findall(r' (?:d|cx|cy|r)="([^"]+)"', text))
    assert doors[0] and doors == [doors[0]] * len(DRAWINGS)
