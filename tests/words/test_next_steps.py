"""Whatever is refused or failed is told in a plain sentence, and with what to do next."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

import bot
from bot.agent.gemini import error_texts
from bot.agent.loop import NOTES
from bot.services.files.declining import REASONS
from bot.words import LANGUAGES
from bot.words.catalogues import catalogue
from mcp_runtime.errors import ServerError

ROOT = Path(bot.__file__).parents[1]
DO = """
    allow answer archive ask attach begin cancel change check choose connect copy delete deny disconnect do enter
    fill forget give go have keep leave let look make mend name open paste pick press put rate read reload remove
    run save say see send shorten show sign start take tell try turn type use wait whisper write
""".split()  # noqa: SIM905  as lines to read
STEP = re.compile(
    rf"(?:^|[.?:;,] |\b(?:or|and|so|then|please|again,|also) )(?:{'|'.join(DO)})\b"
    r"|\b(?:administrators?|admins?|host|whoever runs [^.]{1,30}|this installation) (?:can|has|have)\b|\bdid you mean\b"
    r"|\byou (?:can|need do nothing|have:)|\bcan be sent\b|please \w",
    re.IGNORECASE,
)
ERRORS = re.compile(r"\b(UserError|NotYours|NotFound|FormError|NotNoted|Unfit|SignInGone|NotSignedIn)\(")
DOORS = ("services", "slack", "web")
"""What the agent and the tool server say, the model reads, and tells it in words of its own."""
FEW = 3
"""Sentences: what happened, why, what to do."""
WAITS = frozenset(
    """
    busy codes codes_of_link day day_starts file_busy month moves network no_room others passcode per_minute queue
    repeated restart starts streams too_fast too_often uploads uploads_day work_needed away
    """.split()  # noqa: SIM905  as lines to read
)
"""Of the catalogue: said together with when to try again."""
NO_SENTENCES = frozenset({"heading", "again", "rated"})
"""A verdict that was changed ten times stays: nothing is left to do."""
ENDS = ("no_answer", "broke_off", "broken", "down", "overloaded", "limited", "slow", "failed", "attempts", "away")
NOT_DONE = ("refused", "not_in_time", "taken_away", "withheld", "interrupted", "interrupted_doing", "no_further")


def raised() -> Iterator[tuple[str, str]]:
    """File and text of each refusal that is raised in words of ours."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        name = path.relative_to(ROOT)
        if name.parts[1] not in DOORS or not ERRORS.search(path.read_text()):
            continue
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and ERRORS.match(f"{ast.unparse(node.func)}("):
                for each in (*node.args, *(more.value for more in node.keywords if more.arg is None)):
                    yield from ((name.as_posix(), text) for text in texts(each, path))


@lru_cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def texts(node: ast.AST, path: Path) -> Iterator[str]:
    """Sentences in an expression: written out, or by the names of constants of this file or another."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(each.value) if isinstance(each, ast.Constant) else "…" for each in node.values)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str) and node.value.count(" ") > 1:
            yield node.value
    elif isinstance(node, ast.Name) and node.id.isupper():
        yield from constant(node.id, path)
    else:
        for each in node.values if isinstance(node, ast.Dict) else ast.iter_child_nodes(node):
            yield from texts(each, path)


def constant(name: str, path: Path) -> Iterator[str]:
    for node in parsed(path).body:
        if isinstance(node, ast.Assign) and any(ast.unparse(each) == name for each in node.targets):
            yield from texts(node.value, path)
        elif isinstance(node, ast.ImportFrom) and any(each.name == name for each in node.names):
            yield from constant(name, (ROOT / (node.module or "").replace(".", "/")).with_suffix(".py"))


def sentences(text: str) -> int:
    return len(re.findall(r"[.!?。؟](?=[\s)”…]|$)|[。？]", text.strip()))


def unhelpful(text: str) -> str:
    """What is wrong with it; empty when nothing is."""
    if not STEP.search(text) and not text.endswith("…") and "{why}" not in text:  # what comes there is held elsewhere
        return "says nothing of what to do"
    return "too many sentences" if sentences(text) > FEW else ""


def test_each_refusal_says_what_to_do() -> None:
    met = list(dict.fromkeys(raised()))
    assert len(met) > 80  # it looks at what is there
    assert [(*each, wrong) for each in met if (wrong := unhelpful(each[1]))] == []


def test_what_guests_are_refused_says_what_to_do_or_when_to_try_again() -> None:
    refused = catalogue("en")["refused"]
    kept = {key: text for key, text in refused.items() if key not in WAITS | NO_SENTENCES}
    assert [key for key, text in kept.items() if unhelpful(text)] == []
    without_a_wait = re.compile(r"\brefus(?:ed|al)\((?:request, \d+, )?\"(\w+)\"\)")
    said = {key for path in (ROOT / "bot").rglob("*.py") for key in without_a_wait.findall(path.read_text())}
    assert not said & WAITS


def test_what_failed_in_an_answer_says_what_to_do() -> None:
    told = [text for name, text in vars(error_texts).items() if name.isupper() and isinstance(text, str)]
    status = catalogue("en")["status"]
    met = [*told, *NOTES.values(), *(status[key] for key in (*ENDS, *NOT_DONE))]
    assert [text for text in met if unhelpful(text)] == []


def test_each_file_that_cannot_be_read_is_declined_with_what_to_send() -> None:
    told = {code: reason for code, reason in REASONS.items() if not STEP.search(reason.replace(";", "."))}
    assert told.keys() == {"file_mismatch", "file_encoding"}  # of these, what can be read is said below them


def kinds(of: type[ServerError]) -> Iterator[type[ServerError]]:
    yield of
    for each in of.__subclasses__():
        yield from kinds(each)


def test_each_trouble_with_a_server_has_a_cure() -> None:
    assert [kind.__name__ for kind in kinds(ServerError) if not STEP.search(kind.cure)] == []


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_no_language_leaves_the_next_step_out(language: str) -> None:
    """What takes several sentences in English is nowhere a single one."""
    english, own = catalogue("en"), catalogue(language)
    short = [
        (area, key)
        for area in ("refused", "status", "dead")
        for key, text in english[area].items()
        if sentences(text) > 1 and sentences(own[area][key]) < 2 and ";" not in own[area][key]
    ]
    assert short == []


@pytest.mark.parametrize("text", ["That is not there any more.", "You are not allowed.", "Something went wrong."])
def test_a_sentence_without_a_next_step_would_be_found(text: str) -> None:
    assert unhelpful(text)
