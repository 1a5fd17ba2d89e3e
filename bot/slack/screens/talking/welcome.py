"""The first words to a member, and what they may ask."""

from collections.abc import Mapping, Sequence

from bot.services.connections.using.first_questions import question_of
from bot.services.connections.values import ConnectionView
from bot.slack.screens.blocks.elements import Block, actions, section
from bot.slack.screens.blocks.text import clipped
from bot.slack.screens.connections.listing import connect_button
from run_cards import RunCard

HELLO = "Hello! I answer your questions with tools that you connect yourself, and I ask before I change anything."
FIRST = "Connect one now: *Time* takes one click, and then you can ask me “What time is it in Tokyo?”"
ASK = "Yes? Ask me something in the same message, such as “What time is it in Tokyo?”"

Prompt = Mapping[str, str]
ABILITIES: Prompt = {"title": "What can you do?", "message": "What can you do, and which tools have I connected?"}
CONNECT: Prompt = {"title": "How do I connect a tool?", "message": "How do I connect a tool?"}
TROUBLE: Prompt = {"title": "What does not work?", "message": "Which of my connections do not work, and why?"}
LINK: Prompt = {"title": "Make a chat link", "message": "Make a chat link for a guest."}
MOST_OF_TOOLS = 2
"""Slack shows four in all."""
LONGEST = 60


def welcome() -> list[Block]:
    return [section(f":wave: {HELLO}"), section(FIRST), actions(connect_button())]


def prompts(views: Sequence[ConnectionView], cards: Sequence[RunCard]) -> list[Prompt]:
    """What fits these connections; of one that does not work, only why."""
    if not views:
        return [ABILITIES, CONNECT, LINK]
    examples = {card.name: card.example for card in cards}
    found = [_of(view, examples.get(view.connection.card, "")) for view in views if not view.connection.trouble]
    fit = list({each["title"]: each for each in found if each}.values())
    troubled = any(view.connection.trouble for view in views)
    fit = [*fit[: MOST_OF_TOOLS - 1], TROUBLE] if troubled else fit[:MOST_OF_TOOLS]
    return [ABILITIES, *fit, LINK]


def _of(view: ConnectionView, example: str) -> Prompt | None:
    if example:
        return {"title": clipped(example, LONGEST), "message": example}
    asked = question_of(view.connection.title, view.tools)
    return {"title": clipped(asked.removesuffix("."), LONGEST), "message": asked} if asked else None
