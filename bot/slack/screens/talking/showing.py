"""The private question where to answer, what became of it, and the standing yeses in the Home tab."""

from collections.abc import Sequence

from bot.services.chats.members.showing import Choice, Shown
from bot.slack.screens.blocks.elements import Block, actions, button, context, header, section
from bot.slack.screens.blocks.text import clipped, escaped, one_line

HERE, PRIVATE, ALWAYS, UNDO = "showing.here", "showing.private", "showing.always", "showing.undo"
WAITS = "I have asked in private whether what I found may be shown here."
LAPSED = "You did not decide within a day, so I have shown the answer to nobody. Ask me again if you still want it."
MOST = 8
LONGEST_QUESTION = 200


def asked_text(channel: str, titles: Sequence[str]) -> str:
    names = " and ".join(f"*{escaped(one_line(each, 80))}*" for each in titles) or "a connection of yours"
    return f"What you asked in <#{channel}> I answer with {names}. Others read that thread: where shall I answer?"


def asked(conversation_id: str, channel: str, titles: Sequence[str], question: str) -> list[Block]:
    said = escaped(clipped(one_line(question, 1_000), LONGEST_QUESTION))
    return [
        section(asked_text(channel, titles)),
        *([section(f">{said}")] if said else []),
        actions(
            button("Answer there", HERE, conversation_id, label="Answer there, in the channel's thread, this time"),
            button("Answer me in private", PRIVATE, conversation_id, style="primary"),
            button("Always there", ALWAYS, conversation_id, label="Always there: in this channel, with these tools"),
        ),
    ]


def decided_text(channel: str, choice: Choice) -> str:
    return {
        "here": f":white_check_mark: I answer in the thread in <#{channel}>.",
        "private": f":lock: I answer here, in this thread; nothing of it is shown in <#{channel}>.",
        "always": f":white_check_mark: I answer in <#{channel}>, and do not ask there again.",
    }[choice]


def decided(channel: str, choice: Choice, connections: Sequence[str]) -> list[Block]:
    undo = actions(button("Ask me again", UNDO, f"{channel}:{','.join(connections)}"[:2000]))
    return [section(decided_text(channel, choice)), *([undo] if choice == "always" else [])]


def listed(shown: Sequence[Shown]) -> list[Block]:
    """For the Home tab; nothing where there is nothing to undo."""
    if not shown:
        return []
    rows = [
        section(
            f"*{escaped(one_line(each.title, 80))}* in <#{each.channel}>",
            button("Ask again", UNDO, f"{each.channel}:{each.connection_id}", label=f"Ask again before {each.title}"),
        )
        for each in shown[:MOST]
    ]
    left = len(shown) - MOST
    more = (
        [context(f"… and {left} more, which stand here once you ask again before some of these.")] if left > 0 else []
    )
    return [header("What may be shown in channels"), *rows, *more]
