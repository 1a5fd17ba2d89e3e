"""Usher looks and sounds like one thing, whichever door one comes through."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("app.py", "bot", "run_cards", "mcp_runtime", "storage", "playground")
TAKEN_IN = {
    "bot/slack/edge/command_words.py",
    "bot/settings/rules.py",
    "playground/gemini/demo/hearing/clauses.py",
    "playground/gemini/demo/hearing/openers.py",
    "playground/gemini/demo/tools/free_words.py",
    "playground/slack/interactions/composer.py",
}
"""What people type may stand in any quotes."""
DRAWINGS = ("bot/web/templates/mark.html", "bot/web/static/icon.svg", "playground/page/static/assets/icons.svg")


def test_there_is_one_door() -> None:
    """The same lines wherever it is drawn; the colours are the page's."""
    doors = []
    for name in DRAWINGS:
        text = (ROOT / name).read_text()
        if found := re.search(r'<symbol id="usher" viewBox="0 0 40 40">.*?</symbol>', text, re.S):
            text = found[0]
        doors.append(re.findall(r' (?:d|cx|cy|r)="([^"]+)"', text))
    assert doors[0] and doors == [doors[0]] * len(DRAWINGS)


def test_texts_for_people_have_english_quotation_marks() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for name in PRODUCT
        for path in ([ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in TAKEN_IN
        for line, text in texts(ast.parse(path.read_text()))
        if re.search("[«»]", text)
    ]
    assert found == []
    templates = [*(ROOT / "bot/web/templates").rglob("*.html")]
    assert templates and not [each.name for each in templates if re.search("[«»]", each.read_text())]


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """All strings but those that stand for themselves, as docstrings do."""
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield node.lineno, node.value
