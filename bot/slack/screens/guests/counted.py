"""One message that counts the guests of a link, with the way to each one's thread."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.services.links.hosting.counting import APPROVAL, CHATS, OVER, RESTS, SPEAKS, WAITS, Counted
from bot.services.links.values import is_live
from bot.slack.screens.blocks.elements import Block, actions, button, context, section
from bot.slack.screens.blocks.text import count, safe
from bot.slack.screens.links import usage, words
from storage.tables import Session

NAMED = 20
"""Guests who are called by name; of the others only the number is told."""
SUMS = {
    WAITS: ":raising_hand: *{} would like to talk to a person*",
    APPROVAL: ":hourglass: *{} for a yes*",
    SPEAKS: "{} with a person",
    CHATS: "{} chatting with the assistant",
    RESTS: "{} paused",
    OVER: "{} ended",
}
EACH = {
    WAITS: ":raising_hand: would like to talk to a person",
    APPROVAL: ":hourglass: waits for a yes",
    SPEAKS: ":bust_in_silhouette: talks with a person",
    CHATS: ":speech_balloon: chats with the assistant",
    RESTS: ":zzz: paused",
    OVER: "ended",
}


def text(counted: Counted) -> str:
    return f"{count(counted.began, 'guest')} on the link {safe(counted.link.title, 120)}"


def shown(counted: Counted, links: Mapping[str, str], now: datetime) -> list[Block]:
    """``links`` lead to guests' threads, by their sessions' ids."""
    link = counted.link
    state = words.until(link.expires_at) if is_live(link, now) else "it has ended"
    paused = f"\n{words.PAUSED}" if link.paused_at and is_live(link, now) else ""
    lead = f":busts_in_silhouette: {words.title(link)}\n{counted.began} of {words.guests(link)} so far, {state}{paused}"
    named = counted.guests[:NAMED]
    lines = [_line(session, how, links.get(session.id, "")) for session, how in named]
    left = len(counted.guests) - len(named)
    more = [f"And {left} more: “Results” shows all of them."] if left else []
    gone = [f"{count(counted.deleted, 'chat')} deleted"] if counted.deleted else []
    blocks = [section(f"{lead}\n{_sums(counted)}")]
    blocks += [section(part) for part in _parts(lines)]
    blocks.append(context(" · ".join([*more, *gone, words.spent(link)])))
    return [*blocks, actions(button("Results", usage.DETAILS, link.id, label=f"Results of {link.title}"))]


def _sums(counted: Counted) -> str:
    each = counted.each
    return " · ".join(told.format(_waiting(how, each[how])) for how, told in SUMS.items() if each[how]) or "Nobody now"


def _waiting(how: str, number: int) -> str:
    return f"{number} {'waits' if number == 1 else 'wait'}" if how == APPROVAL else str(number)


def _line(session: Session, how: str, link: str) -> str:
    name = safe(session.guest_name, 60).replace("|", "¦")
    return f"• {f'<{link}|{name}>' if link else name}: {EACH[how]}"


def _parts(lines: Sequence[str]) -> list[str]:
    """As few sections as take them whole: Slack cuts at 3,000 characters."""
    parts: list[str] = []
    for line in lines:
        if parts and len(parts[-1]) + len(line) < 2_900:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return parts
