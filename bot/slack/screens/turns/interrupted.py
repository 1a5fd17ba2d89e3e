"""What stands under an answer that did not come to its end: go on, or ask anew."""

from bot.slack.screens.blocks.elements import Block, actions, button, context

GO_ON = "turn.go_on"
QUESTION = "Shall I go on from there?"
GOING_ON = "Going on."


START_OVER = "turn.start_over"
ANEW = "Shall I answer without what was said before?"
STARTING_OVER = "Starting a new conversation."


def anew(turn_id: str) -> list[Block]:
    return [actions(button("Start a new one", START_OVER, turn_id, label="Start a new conversation")), context(ANEW)]


def starting_over() -> list[Block]:
    return [context(f":sparkles: {STARTING_OVER}")]


def question(turn_id: str) -> list[Block]:
    return [actions(button("Go on", GO_ON, turn_id, label="Go on with the interrupted answer")), context(QUESTION)]


def going_on() -> list[Block]:
    return [context(f":arrow_forward: {GOING_ON}")]
