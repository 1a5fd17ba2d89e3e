"""What stands under an answer that was interrupted while it changed something."""

from bot.slack.screens.blocks.elements import Block, actions, button, context

GO_ON = "turn.go_on"
QUESTION = "Shall I go on from there?"
GOING_ON = "Going on."


def question(turn_id: str) -> list[Block]:
    return [actions(button("Go on", GO_ON, turn_id, label="Go on with the interrupted answer")), context(QUESTION)]


def going_on() -> list[Block]:
    return [context(f":arrow_forward: {GOING_ON}")]
