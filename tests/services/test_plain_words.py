"""Members and guests read nothing that only administrators can use: variables, scopes, keys, quotas."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot
import mcp_runtime
from bot.settings.settings import Settings

BOT, RUNTIME = Path(bot.__file__).parent, Path(mcp_runtime.__file__).parent
OF_THE_START = ("mcp_runtime/sandbox/sandbox.py", "mcp_runtime/secrets/", "agent/gemini/errors.py")
OWN_SERVERS = "mcp_runtime/own_servers/"
"""What these say of a database is of the member's own."""
FOR_OPERATORS = (
    "settings",
    "doctor",
    "running",
    "command_line.py",
    "maintenance",
    "house.py",
    "foundations",
    "readiness.py",
)
FOR_ADMINS = (
    ("NEARLY", "services/links/spending/telling.py"),
    ("OVER", "services/links/spending/telling.py"),
    ("CHANGED", "services/watch/insights/digest.py"),
    ("CHANGED", "slack/screens/governing/audit.py"),
    ("NO_PRICE", "services/limits/budgets/telling.py"),
    ("ADMINS", "services/links/admission/crowds.py"),
    ("NO_PAGE", "services/connections/telling/cures.py"),
    ("FOR_ADMINS", "services/connections/telling/failures.py"),
    ("KEY", "agent/gemini/error_texts.py"),
    ("GONE", "agent/gemini/error_texts.py"),
    ("TODAY", "agent/gemini/error_texts.py"),
    ("ELSEWHERE", "agent/gemini/refusals/blame.py"),
    ("NO_SCOPE", "slack/incoming/sent_files.py"),
    ("NO_SCOPE", "slack/incoming/thread.py"),
    ("APP_CURE", "slack/edge/token_check.py"),
    ("BOT_CURE", "slack/edge/token_check.py"),
    ("UNREACHABLE", "slack/edge/token_check.py"),
    ("NO_SOCKET", "slack/edge/socket_mode.py"),
    ("NO_PAGE", "services/cards/workspace_cards.py"),
    ("NOT_ALLOWED", "services/cards/looking.py"),
    ("ONCE_REGISTERED", "slack/screens/cards/forms.py"),
    ("SAID", "mcp_runtime/sandbox/packages/failures.py"),
    ("NOT_RECORDED", "mcp_runtime/sessions/pool.py"),
)
"""Constants that reach administrators or the operator alone, or are read in answers, by their file."""
VARIABLES = [name.upper() for name in Settings.model_fields if len(name) > 4]
UNFIT = re.compile(
    r"\b(" + "|".join(VARIABLES) + r")\b|\bAPI('s)? key\b|\bquota\b|\b(channels|groups|mpim|im):history\b"
    r"|\bthe scopes? \b|\bmodel's API\b|\bsqlite\b|\bpostgres\w*\b|\bthe database\b",
    re.I,
)


def texts(path: Path, name: str) -> Iterator[tuple[str, str]]:
    """Sentences of a file's constants, and the constants' names."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            constant = target.id if isinstance(target, ast.Name) else ""
            if (constant, name) not in FOR_ADMINS:
                yield from ((constant, text) for text in sentences(node.value))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from ((node.name, text) for text in sentences(node))


def sentences(tree: ast.AST) -> Iterator[str]:
    """Without docstrings, and without what is only logged or is said to the program itself."""
    unread = {id(each) for node in ast.walk(tree) for each in _unread(node)}
    for node in ast.walk(tree):
        told = node.value if isinstance(node, ast.Constant) and id(node) not in unread else None
        if isinstance(told, str) and " " in told.strip():
            yield told


def _unread(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("log.", "ValueError", "TypeError")):
        yield from ast.walk(node)


def files() -> list[tuple[str, Path]]:
    ours = [(p.relative_to(BOT).as_posix(), p) for p in sorted(BOT.rglob("*.py"))]
    theirs = [(f"mcp_runtime/{p.relative_to(RUNTIME).as_posix()}", p) for p in sorted(RUNTIME.rglob("*.py"))]
    return [(n, path) for n, path in ours + theirs if not n.startswith((*FOR_OPERATORS, *OF_THE_START, OWN_SERVERS))]


def test_no_sentence_that_a_member_or_a_guest_can_meet_is_for_administrators() -> None:
    met = [(name, *each) for name, path in files() for each in texts(path, name)]
    assert len(met) > 500  # it looks at what is there
    assert [each for each in met if UNFIT.search(each[2])] == []


@pytest.mark.parametrize(("constant", "name"), FOR_ADMINS)
def test_what_is_for_administrators_is_there_and_says_so_by_its_place(constant: str, name: str) -> None:
    assert re.search(
        rf"^{constant}\b.*=", ((RUNTIME.parent if name.startswith("mcp_runtime/") else BOT) / name).read_text(), re.M
    )


@pytest.mark.parametrize(
    "text", ["Set GEMINI_MODEL.", "the API key", "lacks the scope channels:history", "The database is away"]
)
def test_such_a_sentence_would_be_found(text: str) -> None:
    assert UNFIT.search(text)
