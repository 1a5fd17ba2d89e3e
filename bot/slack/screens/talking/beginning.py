"""On a member's Home: the first three steps, what waits for them, and what would make things easier."""

import json
from collections.abc import Mapping, Sequence

from bot.services.watch.insights.mine import ALWAYS, LEAVE, TEST, Suggestion
from bot.slack.screens.approvals import asked_text
from bot.slack.screens.blocks.elements import Block, button, context, header, section
from bot.slack.screens.blocks.text import count, safe, when
from bot.slack.screens.connections import listing as connections
from bot.slack.screens.links import listing as links
from storage.tables import Approval

HELLO, ALWAYS_NOW, DECIDE = "home.hello", "home.always", "home.decide"
MOST_WAITING, MOST_SUGGESTED = 5, 3
STEPS = (
    "*1. Connect a tool.* Time takes one click; GitHub, Supabase and others a sign-in.",
    "*2. Ask me something.* In our direct message, or by mentioning me in a channel.",
    "*3. Let somebody outside ask too.* A link lets them chat with me for a few hours, in any browser.",
)


def first_steps() -> list[Block]:
    buttons = (
        connections.connect_button(),
        button("Say hello", HELLO, label="Say hello: I write to you"),
        links.create_button(primary=False),
    )
    return [header("Three steps to begin"), *(section(text, each) for text, each in zip(STEPS, buttons, strict=True))]


def waiting(questions: Sequence[Approval], addresses: Mapping[str, str]) -> list[Block]:
    """``addresses`` lead to where each was asked, by its id."""
    if not questions:
        return []
    rows = [_question(each, addresses.get(each.id, "")) for each in questions[:MOST_WAITING]]
    left = len(questions) - MOST_WAITING
    more = [context(f"And {left} more, in our conversations.")] if left > 0 else []
    return [header(f"Waiting for your answer: {len(questions)}"), *rows, *more]


def _question(asked: Approval, address: str) -> Block:
    decide = (
        button("Decide", DECIDE, url=address, style="primary", label="Decide: go to the question") if address else None
    )
    return section(
        f"{asked_text(asked.calls)}\n_Asked {when(asked.created_at)}, open until {when(asked.expires_at)}_", decide
    )


def suggested(found: Sequence[Suggestion]) -> list[Block]:
    """Each says why, and has one button."""
    rows = [section(f":bulb: {_why(each)}", _button(each)) for each in found[:MOST_SUGGESTED]]
    return [header("What would make it easier"), *rows] if rows else []


def _why(each: Suggestion) -> str:
    title = f"*{safe(each.title, 120)}*"
    return {
        ALWAYS: f"You approved {title} {each.number} times in 30 days and never said no.",
        TEST: f"{each.number} of the last 5 calls of {title} did not go well.",
        LEAVE: f"{title} was not used for {count(each.number, 'day')}. What is not connected cannot be misused.",
    }[each.kind]


def _button(each: Suggestion) -> Block:
    if each.kind == ALWAYS:
        return button(
            "Never ask", ALWAYS_NOW, json.dumps([each.connection, each.tool]), label=f"Never ask before {each.title}"
        )
    if each.kind == TEST:
        return button("Test", connections.TEST, each.connection, label=f"Test {each.title}")
    return button("Disconnect", connections.LEAVE, each.connection, label=f"Disconnect {each.title}")
