"""What the search in memory gave, quoted: each piece with its day, its source and where it stands."""

import re
from datetime import date

from playground.gemini.demo.conversation import NAME
from playground.gemini.demo.telling.strangers import clipped, fit

SEARCH = "usher__search_memory"
MOST, LONGEST = 5, 160
PIECE = re.compile(
    r"^\[(?P<day>\d{4}-\d\d-\d\d), (?P<source>[^\n]*?)(?:, (?P<link>https?://[^\s\]]+))?\]\n(?P<text>(?:>[^\n]*\n?)+)",
    re.MULTILINE,
)
WHO = {"said by the member": "you said", "your own answer": "I answered"}


def remembered(output: str) -> str | None:
    """None where nothing is quoted in it."""
    pieces = list(PIECE.finditer(output))
    if not pieces:
        return None
    return "Found in your past conversations:\n\n" + "\n".join(_line(piece) for piece in pieces[:MOST])


def _line(piece: re.Match[str]) -> str:
    source = next((said for told, said in WHO.items() if piece["source"].startswith(told)), fit(piece["source"]))
    lines = [line.removeprefix(">").strip().removeprefix("- ") for line in piece["text"].splitlines()]
    quoted = " ".join(line for line in lines if line and NAME not in line).replace("*", "")
    link = f", in [this thread]({piece['link']})" if piece["link"] else ""
    return f"- {date.fromisoformat(piece['day']):%-d %B %Y}, {source}{link}: “{clipped(fit(quoted), LONGEST)}”"
