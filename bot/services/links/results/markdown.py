"""A guest's conversation as Markdown: nothing that anybody wrote can pass for a line of ours; pure."""

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from bot.services.links.transcript import aside, files, mark, speaker, text
from bot.words import Words
from storage.tables import Event

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_SIGNS = re.compile(r"([\\`*_{}\[\]<>#!|~&])")
_LISTS = re.compile(r"^(\s*\d*)([-+=.)])", re.MULTILINE)
_LOADS = re.compile(r"(\\[!-/:-@\[-`{-~])|(!(?=\[)|<)")
"""What is escaped already, and what would be a picture or markup."""


def markdown(title: str, events: Sequence[Event], words: Words) -> str:
    """Each message stands in a quotation under who said it, and when; empty when nothing was said."""
    told = [entry for event in events if (entry := _entry(event, words))]
    return "\n\n".join([f"# {plain(title)}", words("transcript.utc"), *told]) + "\n" if told else ""


def plain(text: str) -> str:
    """What people typed, as the same signs: no headings, links, pictures or markup."""
    return _LISTS.sub(r"\1\\\2", _SIGNS.sub(r"\\\1", text))


def formatted(text: str) -> str:
    """What a model wrote keeps its form, but loads nothing and holds no markup; code stays as it is."""
    lines = text.splitlines()
    code = {
        line for token in _blocks().parse(text) if token.type in ("fence", "code_block") for line in _lines(token.map)
    }
    return "\n".join(line if at in code else _LOADS.sub(_harmless, line) for at, line in enumerate(lines))


@cache
def _blocks() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False})


def _harmless(found: re.Match[str]) -> str:
    return found[1] or f"\\{found[2]}"


def _lines(span: Sequence[int] | None) -> range:
    return range(*span) if span else range(0)


def _entry(event: Event, words: Words) -> str:
    at = f"{event.at:%Y-%m-%d %H:%M}"
    if event.kind != "message":
        told = aside(event, words)
        return f"*{at}: {plain(told)}*" if told else ""
    body = event.body
    write = formatted if body["author"] == "agent" else plain
    said = [*(write(text(event, words).strip()).splitlines() or [""]), *map(plain, files(event, words))]
    quoted = "\n".join(f"> {line}".rstrip() for line in said)
    return f"**{plain(' '.join(speaker(event, words).split()))}**, {at}{mark(event, words)}\n\n{quoted}"
