"""The commands that docs/operations.md shows, so that the page and the rehearsal cannot differ."""

import re
from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
BLOCK = re.compile(r"<!-- rehearsed: ([\w-]+) -->\n```sh\n(.*?)```\n", re.S)


def blocks() -> dict[str, str]:
    return dict(BLOCK.findall(PAGE.read_text()))


def commands(name: str, places: Mapping[str, str] | None = None) -> str:
    """As they stand there, with the page's example paths put in this test's own places."""
    script = blocks()[name]
    for old, new in (places or {}).items():
        assert old in script, f"{old} is not in the commands «{name}» any more"
        script = script.replace(old, new)
    return script
