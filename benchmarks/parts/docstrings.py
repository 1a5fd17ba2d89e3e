"""Real texts that every machine with a virtual environment has: docstrings of packages, each without its summary."""

import ast
import random
import sysconfig
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

PACKAGES = ("sqlalchemy", "aiohttp", "pydantic", "slack_sdk", "slack_bolt", "mcp", "alembic", "yarl")
SHORTEST, LONGEST = 120, 1_200
WORDS = 4
"""Of a question, at least."""


def texts(most: int, packages: Sequence[str] = PACKAGES) -> list[tuple[str, str]]:
    """Question and text of each, nothing twice; the same ones in every run on the same packages."""
    found = sorted(set(_all(packages)))
    random.Random(7).shuffle(found)
    return found[:most]


async def recall(
    corpus: Sequence[tuple[str, str]], search: Callable[[str], Awaitable[list[str]]], questions: int
) -> float:
    """Share of questions for which a text is among what ``search`` gives; some have the same summary as others."""
    right: dict[str, set[str]] = {}
    for question, text in corpus:
        right.setdefault(question, set()).add(text)
    asked = corpus[:questions]
    return sum([not right[question].isdisjoint(await search(question)) for question, _ in asked]) / len(asked)


def _all(packages: Sequence[str]) -> Iterator[tuple[str, str]]:
    for package in packages:
        for path in sorted((Path(sysconfig.get_path("purelib")) / package).rglob("*.py")):
            yield from _of(path)


def _of(path: Path) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and (
            told := ast.get_docstring(node)
        ):
            summary, _, rest = told.partition("\n\n")
            if len(summary.split()) >= WORDS and SHORTEST <= len(rest.strip()) <= LONGEST:
                yield " ".join(summary.split()), rest.strip()
