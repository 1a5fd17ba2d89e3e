"""What a link's creator hears of its guests."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.slack.screens.blocks.text import count, one_line, safe
from storage.tables import Event, Link

REASONS = {
    "guest": "the guest ended it",
    "host": "you ended it",
    "revoked": "you revoked the link",
    "expired": "the link's time is over",
    "idle": "nobody wrote for as long as the link allows",
    "unused": "nothing was said in it",
    "abuse": "too many messages came, the same ones again and again, or too many links, so I ended it",
}
IN_CHANNEL = {**REASONS, "host": "its host ended it", "revoked": "the link was revoked", "abuse": "it was misused"}
"""Where others read it too."""
NOTHING = "Nothing was said in it."

Told = Mapping[str, Any]


NOTES = {
    "silent": ":warning: Guests of your link *{title}* get no answers right now. They read that Usher is not available"
    " and that you have been told. The administrators know; the link stays open.",
    "unreachable": ":warning: The code for your link *{title}* does not reach the person it is for, so they cannot"
    " start. Look at whom you addressed it to, and make another one for them.",
    "guessed": ":warning: Somebody tries out codes on your link *{title}*. It is slowed down, but if the address"
    " may be in wrong hands, give the link a new one with `/tempchat list`.",
    "crowd": ":shield: Chats on your link *{title}* are started unusually fast. Until that is over, its guests'"
    " browsers calculate for a second or two before a chat starts. If you did not give it to that many people,"
    " pause it, or give it a new address, with `/tempchat list`.",
    "nearly_spent": ":hourglass: The guests of your link *{title}* have used up most of what they may ask. It does not"
    " come back: make a new link in time.",
    "spent": ":no_entry: The guests of your link *{title}* have used up what they may ask, and get no more answers."
    " What was said stays readable until the link ends. Make a new one if they need it.",
    "tampered": ":rotating_light: Your link *{title}* is not what you looked at when you made it, and it was not you"
    " who changed it. Its agent answers nobody any more. Revoke it with `/tempchat list`, and make a new one.",
    "tools_lost": ":electric_plug: Your link *{title}* goes on without {names}: that is disconnected or switched off."
    " Its other tools work as before.",
    "no_tools_left": ":electric_plug: Your link *{title}* goes on without any tool, since {names} is disconnected or"
    " switched off. Its guests are still answered. If they need it, end this link and make a new one.",
    "channel_lost": ":file_cabinet: The channel <{names}> takes no more messages of mine: it was archived, or I am not"
    " in it any more. The chats on your link *{title}* go on here, in our direct message; what was said before stands"
    " in the channel, and in their transcripts.",
}
NAMED = 5
"""Guests who are called by name; of more only the number is told."""


def started(told: Told, guests: Sequence[str], *, in_channel: bool = False) -> str:
    names = [safe(name, 80) for name in guests]
    whose = f"<@{told['creator']}>’s link" if in_channel else "your link"
    title = safe(told["title"], 120)
    if len(names) == 1:
        return f":wave: {names[0]} opened {whose} *{title}* and is chatting with me."
    rest = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    *first, last = names[:NAMED] + rest
    who = f"{', '.join(first)} and {last}"
    return f":wave: {len(names)} guests opened {whose} *{title}* and are chatting with me: {who}."


def note(told: Told) -> str:
    return NOTES[told["what"]].format(title=safe(told["title"], 120), names=safe(told.get("names", ""), 300))


def code(link: Link, digits: str) -> str:
    """To the one member whom a link is for."""
    title = safe(link.title, 120)
    return (
        f":key: `{digits}` is your code for the chat *{title}*, to which <@{link.creator_id}> invites you. It is good"
        " for 10 minutes, and only on the page that asked for it. If you asked for none, let it be, and tell it nobody."
    )


def ended(told: Told, log: Sequence[Event], summary: str = "", *, in_channel: bool = False) -> str:
    """Whose chat it was and why it is over, what it came to in figures, and in two lines where there are such."""
    reason = (IN_CHANNEL if in_channel else REASONS).get(told["reason"], "it is over")
    first = f"The chat with {safe(told['name'], 80)} on *{safe(told['title'], 120)}* has ended: {reason}."
    said = [event for event in log if event.kind == "message"]
    if not said:
        return f"{first}\n{NOTHING}"
    theirs = sum(event.body["author"] == "guest" for event in said)
    yours = sum(event.body["author"] == "host" for event in said)
    whose = "the host's" if in_channel else "yours"
    minutes = max(1, round((said[-1].at - said[0].at).total_seconds() / 60))
    parts = [count(theirs, "message") + " of theirs", *([f"{yours} of {whose}"] if yours else []), f"{minutes} min"]
    lines = [f"> {safe(line, 300)}" for line in summary.splitlines()]
    return "\n".join([first, f"{', '.join(parts)}. What was said stands in the thread, and as a file.", *lines])


def asks(name: str, title: str, words: str) -> str:
    """On whose behalf, and what they had said."""
    asked = f" They wrote: “{one_line(words, 300)}”" if words.strip() else ""
    return f"{one_line(name, 80)}, a guest on your link “{one_line(title, 120)}”, needs this.{asked}"
