"""Tables and charts in the model's Markdown, as it comes, told apart from the text round them: Slack draws its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.slack.screens.blocks import charts
from bot.slack.screens.blocks.charts import plain
from bot.slack.screens.blocks.cut_places import closes

MOST_ROWS, MOST_CELLS, MOST_BYTES = 100, 20, 5_000
"""What Slack's own holds, and what one message of an answer has room for; a larger one stays Markdown."""
_FENCE = re.compile(r" {0,3}(?:`{3,}[^`]*|~{3,}.*)$")
_RULE = re.compile(r" {0,3}\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*$")
_CELL = re.compile(r"(?<!\\)\|")
_CHART = re.compile(rf" {{0,3}}`{{3,}}[ \t]*{charts.NAME}[ \t]*$", re.IGNORECASE)
_MAY_BE_A_CHART = re.compile(r" {0,3}`{1,2}|( {0,3}`{3,})[ \t]*([a-z]*)[ \t]*", re.IGNORECASE)
_LINKS = re.compile(r"\]\(|https?://", re.IGNORECASE)
_CALLS = re.compile(r"(?:<|&lt;)[!@#]")
"""People and channels: a table shows such a text as it stands, and of a chart nobody has promised it."""


@dataclass(frozen=True)
class Table:
    """Or a chart."""

    block: dict[str, Any]
    markdown: str
    """The same, for wherever Slack's own cannot be had."""


Piece = str | Table


class TableText:
    """Takes the text in any pieces; lines that may be a table wait until it is over. A line is one as it begins."""

    def __init__(self) -> None:
        self._held = ""
        self._line = ""  # of the running line, as far as it was passed on
        self._fence = ""
        self._chart: list[str] | None = None

    def add(self, text: str) -> list[Piece]:
        *lines, last = (self._held + text).split("\n")
        self._held = ""
        pieces: list[Piece] = []
        table: list[str] = []
        for line in lines:
            if not self._belongs(table, line):
                pieces += [*_ended(table), *self._passed(line + "\n")]
                table = []
            else:
                table.append(line)
        if len(table) > MOST_ROWS + 1 or sum(map(len, table)) > MOST_BYTES:
            pieces += _ended(table)  # Markdown it stays: what is kept is looked through anew with every word that comes
            table = []
        begins = not self._line and not self._fence and _may_begin(last)
        if table or begins or self._chart is not None:
            self._held = "".join(f"{line}\n" for line in table) + last
        elif last:
            pieces.append(last)
            self._line += last
        return pieces

    def rest(self) -> list[Piece]:
        text, self._held = self._held, ""
        lines = text.split("\n")
        if self._chart is not None:  # it was never closed
            chart, self._chart, self._fence = [*self._chart, *lines], None, ""
            return list(_charted(chart))
        self._line += lines[-1]
        whole = lines if lines[-1] else lines[:-1]
        return list(_ended(whole, closed=not lines[-1])) if text else []

    def _belongs(self, table: list[str], line: str) -> bool:
        if self._line or self._fence or not line.lstrip(" ").startswith("|"):
            return False
        return len(table) != 1 or bool(_RULE.match(line))

    def _passed(self, line: str) -> list[Piece]:
        bare, self._line = self._line + line.rstrip("\n"), ""
        closed = bool(self._fence) and closes(self._fence, bare)
        if self._chart is not None:
            self._chart.append(bare)
            return self._chart_ended() if closed else []
        if self._fence:
            self._fence = "" if closed else self._fence
        elif _FENCE.match(bare):
            self._fence = bare
            if _CHART.match(bare):
                self._chart = []
                return []
        return [line]

    def _chart_ended(self) -> list[Piece]:
        *inside, _ = self._chart or [""]
        self._chart, self._fence = None, ""
        return list(_charted(inside))


def _may_begin(line: str) -> bool:
    """A table, or the fence of a chart."""
    if re.match(r" {0,3}\|", line) or re.fullmatch(" {1,3}", line):
        return True
    fence = _MAY_BE_A_CHART.fullmatch(line)
    return fence is not None and charts.NAME.startswith((fence[2] or "").lower())


def _ended(lines: list[str], *, closed: bool = True) -> Iterator[Piece]:
    """A table where it is whole and fits; else as it came. ``closed``: its last line has an end."""
    if not lines:
        return
    told = "\n".join(lines) + ("\n" if closed else "")
    block = _block(lines, told)
    yield Table(block, told) if block else told


def _charted(lines: list[str]) -> Iterator[Piece]:
    """What stands within the fence; where it cannot be drawn its title, and its table as any other."""
    kind, title, rows = charts.parts([line.strip() for line in lines])
    if len(rows) < 3 or not _RULE.match(rows[1]):
        yield "\n".join(["```", *lines, "```\n"])
        return
    head, told = f"**{title}**\n\n" if title else "", "".join(f"{row}\n" for row in rows)
    fits = len(told) + len(title) <= MOST_BYTES and not _LINKS.search(told + title) and not _CALLS.search(told + title)
    drawn = charts.block(kind, title, [_cells(row) for row in (rows[0], *rows[2:])]) if fits else None
    if drawn:
        yield Table(drawn, f"{head}{told}")
        return
    if head:
        yield head
    yield from _ended(rows)


def _block(lines: list[str], told: str) -> dict[str, Any] | None:
    if len(lines) < 3 or not _RULE.match(lines[1]) or len(lines) - 1 > MOST_ROWS or len(told.encode()) > MOST_BYTES:
        return None
    head, rule, *rows = map(_cells, lines)
    if _LINKS.search(told) or len(head) != len(rule) or len(head) > MOST_CELLS or any(len(r) > len(head) for r in rows):
        return None  # a link is worth more than a frame
    filled = [[*map(plain, row), *[""] * (len(head) - len(row))] for row in (head, *rows)]
    return {
        "type": "table",
        "column_settings": [{"align": _side(each), "is_wrapped": True} for each in rule],
        "rows": [[{"type": "raw_text", "text": cell or " "} for cell in row] for row in filled],
    }


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _CELL.split(line.strip().removeprefix("|").removesuffix("|"))]


def _side(rule: str) -> str:
    left, right = rule.startswith(":"), rule.endswith(":")
    return "center" if left and right else "right" if right else "left"
