"""What a guest has answered of their host's questions, as one message of their thread."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.services.links.results.answers import answered, open_questions
from bot.services.links.values import Guest
from bot.slack.screens.blocks.elements import Block, context, section
from bot.slack.screens.blocks.text import clipped, safe

MOST_OF_ONE = 900
OPEN = "_not answered yet_"
QUOTED = "\n> "


def shown(guest: Guest, answers: Mapping[str, Any]) -> list[Block]:
    """Each question with its answer, the open ones too; a guest's marks are words here."""
    covers = guest.link.covers
    lead = f":memo: *What {safe(guest.name, 80)} answered* ({answered(answers, covers)} of {len(covers)})"
    rows = [_row(cover, str(answers.get(str(number), ""))) for number, cover in enumerate(covers, 1)]
    return [section(lead), *rows, *_all(answers, covers)]


def text(guest: Guest, answers: Mapping[str, Any]) -> str:
    covers = guest.link.covers
    return f"{safe(guest.name, 80)} answered {answered(answers, covers)} of {len(covers)} questions"


def _all(answers: Mapping[str, Any], covers: Sequence[str]) -> list[Block]:
    return [] if open_questions(answers, covers) else [context(":white_check_mark: Every question is answered.")]


def _row(cover: str, answer: str) -> Block:
    lines = [safe(line, MOST_OF_ONE) for line in clipped(answer, MOST_OF_ONE).splitlines() if line.strip()]
    return section(f"*{safe(cover, 200)}*\n{'> ' + QUOTED.join(lines) if lines else OPEN}")
