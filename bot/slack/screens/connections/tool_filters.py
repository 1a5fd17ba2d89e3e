"""Which of a connection's tools are shown, and what is done to all of them at once."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.slack.screens.blocks.elements import Block, option, plain, select, sure
from bot.slack.screens.blocks.text import count
from mcp_runtime.tools.changes import never_accepted
from storage.tables import PinnedTool

SHOW = "tools.show"
ALL = "tools.all"
LONGEST = 60

SHOWN = {
    "all": "All tools",
    "reads": "Those that only read",
    "writes": "Those that may change things",
    "ask": "Those that ask first",
    "free": "Those that run without asking",
    "off": "Those that are off",
    "changed": "Those that are new or have changed",
}
TO_ALL = {"ask": "Ask before each of these", "always": "Never ask for these", "off": "Switch these off"}


@dataclass(frozen=True)
class Looking:
    """What is looked at; kept in the view's metadata."""

    connection: str
    page: int = 0
    words: str = ""
    show: str = "all"

    @classmethod
    def of(cls, view: dict[str, Any]) -> "Looking":
        kept = json.loads(view["private_metadata"])
        return cls(**{name: kept[name] for name in ("connection", "page", "words", "show") if name in kept})

    def metadata(self) -> str:
        return json.dumps(asdict(self))

    def elsewhere(self, **changes: Any) -> "Looking":
        """From the first page on."""
        return replace(self, **{"page": 0, **changes})


def reads(tool: PinnedTool) -> bool:
    """By the card's own list or by what its server says of it."""
    return tool.policy == "free" or tool.hinted_reading


def matching(pinned: Iterable[PinnedTool], looking: Looking) -> list[PinnedTool]:
    """What waits first, what is gone last, between them by title."""
    rank = {"set_aside": 0, "accepted": 1, "gone": 2}
    words = looking.words.casefold().split()
    known = [tool for tool in pinned if not (tool.state == "gone" and never_accepted(tool))]
    found = [tool for tool in known if _is(tool, looking.show) and all(word in _text(tool) for word in words)]
    return sorted(found, key=lambda tool: (rank.get(tool.state, 1), (tool.title or tool.name).casefold(), tool.name))


def changeable(found: Sequence[PinnedTool]) -> list[str]:
    return sorted(tool.name for tool in found if tool.state == "accepted")


def _text(tool: PinnedTool) -> str:
    return f"{tool.title} {tool.name} {tool.description}".casefold()


def _is(tool: PinnedTool, show: str) -> bool:
    match show:
        case "reads":
            return reads(tool)
        case "writes":
            return not reads(tool)
        case "free":
            return tool.policy in ("free", "always")
        case "ask" | "off":
            return tool.policy == show
        case "changed":
            return tool.state == "set_aside"
    return True


def show_choice(looking: Looking) -> Block:
    options = {show: option(text, show) for show, text in SHOWN.items()}
    return select(SHOW, list(options.values()), options.get(looking.show, options["all"]))


def for_all(found: Sequence[PinnedTool]) -> list[Block]:
    """For all that match, also on other pages; the yes says how many."""
    names = changeable(found)
    if len(names) < 2:
        return []
    told = count(len(names), "tool")
    confirm = sure(f"Change {told}?", f"It holds for all {told} that match, on every page of them.", "Change them all")
    options = [option(text, f"{policy}:{fingerprint(names)}") for policy, text in TO_ALL.items()]
    chooser = select(ALL, options) | {"placeholder": plain(f"For all {told}…", 150), "confirm": confirm}
    return [chooser]


def fingerprint(names: Iterable[str]) -> str:
    """So that no other tools are changed than those that were shown."""
    return hashlib.sha256("\n".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:16]
