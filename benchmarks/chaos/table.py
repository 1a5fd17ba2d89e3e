"""Faults by what held, as a table in Markdown; in docs/operations.md it stands between two marks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.chaos.faults import FAULTS
from benchmarks.chaos.outcomes import Found, Outcome

DOCS = Path(__file__).parents[2] / "docs" / "operations.md"
BEGIN, END = "<!-- python -m benchmarks.chaos --write -->", "<!-- end -->"
HEAD = (
    "what fails",
    "times",
    "asked meanwhile",
    "answered once",
    "told that it failed",
    "lost",
    "twice",
    "words doubled",
)


@dataclass(frozen=True)
class Done:
    """One fault, from when until when."""

    name: str
    begun: datetime
    ended: datetime


def lines(done: Sequence[Done], found: Found) -> list[str]:
    head = [f"| {' | '.join(HEAD)} |", f"| {' | '.join('---' for _ in HEAD)} |"]
    return head + [_row(name, [each for each in done if each.name == name], found.outcomes) for name in FAULTS]


def _row(name: str, times: Sequence[Done], outcomes: Sequence[Outcome]) -> str:
    met = [each for each in outcomes if any(_meets(each, fault) for fault in times)]
    kinds = [sum(each.kind == kind for each in met) for kind in ("answered", "told", "lost")]
    cells = (len(times), len(met), *kinds, sum(each.turns > 1 for each in met), sum(each.doubled for each in met))
    return f"| {name} | {' | '.join(str(cell) for cell in cells)} |"


def _meets(outcome: Outcome, fault: Done) -> bool:
    """It was under way at some moment while that lasted."""
    return outcome.asked.at <= fault.ended and outcome.over >= fault.begun


def summary(found: Found) -> str:
    every = found.outcomes
    kinds = [sum(each.kind == kind for each in every) for kind in ("answered", "told", "lost")]
    doubled = sum(each.doubled for each in every)
    pages = len({id(each.asked.page) for each in every if each.asked.page})
    return (
        f"In all: {len(every)} asked, {kinds[0]} answered once and whole, {kinds[1]} told that it failed,"
        f" {kinds[2]} lost, {sum(each.turns > 1 for each in every)} twice, {doubled} words doubled;"
        f" {pages} pages, each of which saw all of its log, once and in order: {'yes' if not found.wrong else 'no'};"
        f" reserved at the end: {sum(count for what, count in found.counts.items() if 'reserved' in what)}."
    )


def held(found: Found) -> bool:
    return not found.wrong and not not_held(found)


def not_held(found: Found) -> list[str]:
    return [
        f"question {each.asked.number} in {each.asked.channel or 'a page'} at {each.asked.at:%X}: {each.kind},"
        f" {each.turns} turns, {each.doubled} words doubled: {each.shown!r} ({each.about})"
        for each in found.outcomes
        if each.kind == "lost" or each.turns != 1 or each.doubled
    ]


def write(told: str, into: Path = DOCS) -> None:
    page = into.read_text()
    inside = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    into.write_text(inside.sub(lambda _: f"{BEGIN}\n\n{told}\n\n{END}", page))


def written(page: Path = DOCS) -> list[list[str]]:
    """The cells of each row that stands there."""
    inside = page.read_text().partition(BEGIN)[2].partition(END)[0]
    rows = [line.strip("| ").split(" | ") for line in inside.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows if not row[0].startswith("---")]
