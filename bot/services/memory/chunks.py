"""Tool results and messages in pieces that can be found and read alone: records, rows of a table, paragraphs."""

import json
from collections.abc import Iterator
from typing import Any

SIZE = 1_200
"""Characters of a chunk: some 300 tokens, far below what an embedding model reads (2,048 and 8,192 tokens)."""
MOST = 60
"""Chunks of one result; beyond that the tool is asked again anyway."""


def chunks(text: str) -> list[str]:
    """Of JSON when it is JSON, else of text. None is longer than about `SIZE`."""
    try:
        return _first(_of_json(json.loads(text)))
    except (ValueError, RecursionError):  # no JSON, or nested deeper than anybody reads
        return _first(_of_text(text))


def _first(pieces: Iterator[str]) -> list[str]:
    return [piece for _, piece in zip(range(MOST), _filled(pieces), strict=False)]


def _of_json(value: Any, path: str = "") -> Iterator[str]:
    """One line for each record: a list of objects gives one each, with the path it was found under."""
    if isinstance(value, list) and value:
        for item in value:
            yield from _of_json(item, path)
    elif isinstance(value, dict) and len(line := _line(value)) > SIZE:
        # Too long for one: what is short stays together, and goes with none of its long parts alone.
        short = {key: each for key, each in value.items() if len(_line(each)) < SIZE // 4}
        if short:
            yield _at(path, _line(short))
        for key, each in value.items():
            if key not in short:
                yield from _of_json(each, f"{path}.{key}" if path else key)
    elif isinstance(value, str):
        yield from (_at(path, part) for part in _of_text(value))
    else:
        yield _at(path, line if isinstance(value, dict) else _line(value))


def _line(value: Any) -> str:
    """``name: shop, open: 3``: braces and quotes are noise to an embedding, and to a reader."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_line(each)}" for key, each in value.items() if each not in (None, "", [], {}))
    if isinstance(value, list):
        return "; ".join(_line(each) for each in value)
    return value if isinstance(value, str) else json.dumps(value)


def _at(path: str, text: str) -> str:
    return f"{path}: {text}" if path else text


def _of_text(text: str) -> Iterator[str]:
    head = ""
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = block.strip("\n").split("\n")
        if len(lines) > 2 and set(lines[1].strip()) <= set("|-: +"):
            # A Markdown table: each chunk of its rows begins with its head, or the numbers mean nothing.
            head = f"{lines[0]}\n"
            yield from (f"{head}{row}" for row in _packed(lines[2:], SIZE - len(head)))
        else:
            yield from _packed(lines, SIZE)


def _packed(lines: list[str], size: int) -> Iterator[str]:
    """Lines together up to the size; a longer line is cut at blanks."""
    held = ""
    for line in lines:
        while len(line) > size:
            at = line.rfind(" ", size // 2, size)
            at = size if at < 0 else at
            yield from filter(None, [held])
            held, line = line[:at], line[at:].lstrip()
        if held and len(held) + len(line) + 1 > size:
            yield held
            held = ""
        held = f"{held}\n{line}" if held else line
    yield from filter(None, [held])


def _filled(pieces: Iterator[str]) -> Iterator[str]:
    """Neighbours that are short share a chunk: one line alone says too little to be found."""
    held = ""
    for piece in pieces:
        if not piece.strip():
            continue
        if held and len(held) + len(piece) + 1 > SIZE:
            yield held
            held = ""
        held = f"{held}\n{piece}" if held else piece
    if held:
        yield held
