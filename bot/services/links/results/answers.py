"""The questions that a link covers, and what a guest has answered of them; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from mcp_runtime.tools.untrusted_text import visible

MOST = 1_000
"""Characters of one answer."""


def key(number: int) -> str:
    """Of a question, counted from 1, as the model names it."""
    return f"question_{number}"


def schema(covers: Sequence[str]) -> dict[str, Any]:
    """Each question is a property of its own, and none is required: what is known so far is filed."""
    asked = {
        key(number): {"type": "string", "maxLength": MOST, "description": f"The guest's answer to: {one_line(cover)}"}
        for number, cover in enumerate(covers, 1)
    }
    return {"type": "object", "properties": asked, "additionalProperties": False}


def complaint(arguments: Mapping[str, Any], covers: Sequence[str]) -> str:
    """What is wrong with these, in words for the model; empty: nothing is."""
    names = [key(number) for number, _ in enumerate(covers, 1)]
    if strangers := [name for name in arguments if name not in names]:
        return f"There is no {strangers[0][:60]!r} here. File answers as {', '.join(names)}; nothing was filed."
    for name, answer in arguments.items():
        if not isinstance(answer, str):
            return f"{name} must be text. Nothing was filed."
        if len(answer) > MOST:
            return f"{name} has {len(answer):,} characters; at most {MOST:,} can be filed. File the gist of it."
    if not any(cleaned(answer) for answer in arguments.values()):
        return "There is no answer in it. File one when the guest has given it."
    return ""


def merged(before: Mapping[str, Any], arguments: Mapping[str, str], covers: Sequence[str]) -> dict[str, Any]:
    """What was known, with these on top; an empty answer takes nothing back."""
    given = {str(number): cleaned(arguments.get(key(number), "")) for number, _ in enumerate(covers, 1)}
    return {**before, **{number: answer for number, answer in given.items() if answer}}


def open_questions(answers: Mapping[str, Any], covers: Sequence[str]) -> list[str]:
    return [cover for number, cover in enumerate(covers, 1) if not answers.get(str(number))]


def answered(answers: Mapping[str, Any], covers: Sequence[str]) -> int:
    """How many of the questions."""
    return len(covers) - len(open_questions(answers, covers))


def cleaned(text: str) -> str:
    """Without what cannot be seen: a guest's words are read in Slack and in spreadsheets."""
    return visible(text).strip()


def one_line(text: str) -> str:
    return " ".join(text.split())
