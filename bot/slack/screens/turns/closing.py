"""What stands under an answer: whether it helped, and what was done for it."""

from collections.abc import Sequence

from bot.services.chats.ending.ratings import Figures
from bot.slack.screens.blocks.elements import Block, actions, button, context, plain, section
from bot.slack.screens.blocks.text import count, when
from bot.slack.screens.connections import listing
from mcp_runtime.states import State, state_of
from storage.tables import Connection

RATE, DETAILS = "turn.rate", "turn.details"
MOST_CURES = 3
HELPED, DID_NOT = "helped", "did_not"
THANKS = "Thank you. Administrators see that an answer helped, never what was said."
SORRY = "Thank you for saying so. Administrators see that an answer did not help, never what was said."
NO_RATINGS = "Nobody has rated an answer in the last 30 days."


def under(turn_id: str) -> list[Block]:
    return [actions(_details(turn_id)), rating(turn_id)]


def with_cures(troubled: Sequence[Connection], below: Sequence[Block]) -> list[Block]:
    """Before what stands there, a next step for each connection that did not work; a single one in the same row."""
    steps = [_cure(each) for each in troubled[:MOST_CURES]]
    if len(steps) == 1 and below and below[0]["type"] == "actions":
        first, *rest = below
        return [{**first, "elements": [*steps, *first["elements"]]}, *rest]
    return [*map(actions, steps), *below]


def _cure(connection: Connection) -> Block:
    signs_in = state_of(connection) is State.NEEDS_SIGN_IN
    return listing.sign_in_button(connection) if signs_in else listing.test_button(connection, named=True)


def rating(turn_id: str) -> Block:
    def choice(text: str, verdict: str, label: str) -> Block:
        return {"text": plain(text, 75), "value": f"{verdict}:{turn_id}", "accessibility_label": label}

    buttons = {
        "type": "feedback_buttons",
        "action_id": RATE,
        "positive_button": choice("Helped", HELPED, "This answer helped"),
        "negative_button": choice("Did not help", DID_NOT, "This answer did not help"),
    }
    return {"type": "context_actions", "elements": [buttons]}


def rated(value: str) -> tuple[str, bool]:
    """Which turn, and whether it helped."""
    verdict, _, turn_id = value.partition(":")
    return turn_id, verdict == HELPED


def figures(found: Figures) -> list[Block]:
    """For administrators: how many, and by which id a log tells more; nothing of what was said."""
    if not found.helped + found.did_not:
        return [context(NO_RATINGS)]
    blocks = [section(f"*Answers rated in the last 30 days:* {found.helped} helped, {found.did_not} did not.")]
    if found.unhelpful:
        ids = "\n".join(f"`{each.turn_id}` · {when(each.at)}" for each in found.unhelpful)
        blocks.append(context(f"{count(len(found.unhelpful), 'turn')} that did not help, newest first:\n{ids}"))
    return blocks


def _details(turn_id: str) -> Block:
    return button("Details", DETAILS, turn_id, label="What was done for this answer, and what it cost")
