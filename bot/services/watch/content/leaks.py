"""What an answer should not hold: the link's own instructions, names of tools, addresses that carry a lot away."""

import re
from urllib.parse import urlsplit

from bot.services.watch.content.values import Direction, Passed, Said, Verdict

RUN, STEP = 60, 20
"""Characters of the instructions that stand together in an answer: no chance, but a copy."""
LONGEST_QUERY = 200
_URL = re.compile(r"https?://[^\s<>\"')\]]{1,4000}", re.I)
_SPACES = re.compile(r"\s+")


class Leaks:
    """Noted alone: hosts write into the instructions what guests are to be told, and an agent says it word for word."""

    name = "leaks"
    directions = frozenset({Direction.AGENT})
    longest = 0

    def __call__(self, said: Said) -> Passed:
        kinds = (
            ("instructions", _copies(said.text, said.private)),
            ("tool name", any(name in said.text for name in said.tools if len(name) > 5)),
            ("long address", any(_carries(each) for each in _URL.findall(said.text))),
        )
        found = tuple(name for name, there in kinds if there)
        return Passed(said.text, Verdict.FLAG if found else Verdict.ALLOW, found)


def _copies(text: str, private: str) -> bool:
    told, kept = _plain(text), _plain(private)
    return any(kept[start : start + RUN] in told for start in range(0, len(kept) - RUN + 1, STEP))


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).casefold()


def _carries(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return len(parts.query) + len(parts.fragment) > LONGEST_QUERY
