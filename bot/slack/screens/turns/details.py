"""The window that shows what a turn did: each call, what it was given, what it gave, and how long it took."""

from collections.abc import Callable, Iterator, Sequence

from bot.services.chats.ending.details import Made, took
from bot.slack.screens.blocks.elements import Block, View, context, modal, section
from bot.slack.screens.blocks.paragraphs import Paragraphs
from bot.slack.screens.blocks.reading import turned
from bot.slack.screens.blocks.text import count, safe, seconds_told
from bot.slack.screens.turns.closing import DETAILS

TITLE = "What was done"
NOTHING = "No tool was used."
TOO_LONG = "The results are too long to be shown here. Ask me about a part of them."
ONLY_YOU = "Only you can see this. Results are the services' own words."
SIDE_BY_SIDE = ", some of them side by side"
TOLD_FROM = 0.05
"""Seconds that they saved."""
STATES = {"done": ":white_check_mark:", "failed": ":warning:"}
NOT_RUN = ":no_entry_sign:"


def in_paragraphs(calls: Sequence[Made]) -> Iterator[Iterator[str]]:
    """A group for each call; lazily, for results may be huge."""
    return (_parts(each) for each in calls)


def window(turn_id: str, calls: Sequence[Made], pages: Sequence[Sequence[Block]], page: int, footer: str = "") -> View:
    """``pages`` are of `in_paragraphs`; empty when even so it is too much. ``footer`` says what all of it took."""
    cost = [context(footer)] if footer else []
    if not calls:
        return modal(TITLE, [section(NOTHING), *cost])
    told = f"{_in_all(calls)} {ONLY_YOU}"
    there = pages or [[section(TOO_LONG)]]
    return modal(TITLE, [context(told), *cost, *turned(there, page, DETAILS, _leaf(turn_id)).blocks])


def _in_all(calls: Sequence[Made]) -> str:
    whole = took(calls)
    beside = sum(each.seconds for each in calls) - whole > TOLD_FROM
    return f"{count(len(calls), 'call')}, {seconds_told(whole)} in all{SIDE_BY_SIDE if beside else ''}."


def _leaf(turn_id: str) -> Callable[[int], str]:
    return lambda page: f"{turn_id}:{page}"


def leaf_of(value: str) -> tuple[str, int]:
    turn_id, _, page = value.partition(":")
    return turn_id, int(page or 0)


def _parts(made: Made) -> Iterator[str]:
    paragraphs = Paragraphs()
    mark = STATES.get(made.state, NOT_RUN)
    yield f"{mark} *{safe(made.title, 150)}* · {seconds_told(made.seconds) if made.state else 'not run'}"
    for name, value in made.arguments.items():
        yield from paragraphs.named(name, value)
    if not made.arguments:
        yield "_No arguments_"
    yield from paragraphs.quoted("*Result*", made.result)
