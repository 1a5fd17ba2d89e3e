"""A guest's chat as its host follows it: the message that its thread hangs on, and what is said, part by part."""

import json
from collections.abc import Sequence
from typing import Any

from bot.services.links.admission.values import ADDRESSED
from bot.services.links.hosting.channels import channel_of
from bot.services.links.hosting.values import ASKED, HOST, UNANSWERED
from bot.services.links.results.filing import TITLE as FILED
from bot.services.links.values import Guest
from bot.slack.screens.blocks.cut_places import closing
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    button,
    context,
    field,
    modal,
    plain,
    section,
    sure,
    text_input,
)
from bot.slack.screens.blocks.honest_links import honest
from bot.slack.screens.blocks.text import clipped, safe
from bot.slack.screens.guests import transcripts
from bot.slack.screens.links import access
from storage.tables import Event

TAKE_OVER = "guest.take_over"
HAND_BACK = "guest.hand_back"
END = "guest.end"
DELETE = "guest.delete"
WHISPER = "guest.whisper"
WHISPERED = "guest.whispered"

MOST_BLOCKS, MOST_CHARACTERS, MOST_OF_ONE = 40, 9_000, 2_800
"""Of one message: Slack refuses more than 50 blocks, and more than about 12,000 characters in all."""
LONGER = "… (longer: the transcript has all of it)"
ANSWERS = {
    "": ":robot_face: The assistant answers.",
    ASKED: ":raising_hand: *They would like to talk to a person.* The assistant answers until somebody does.",
    HOST: ":bust_in_silhouette: *You answer.* The assistant is silent.",
}
HOW = (
    "Reply in this thread to speak to them yourself. Begin with `whisper:` to tell only the assistant something, such"
    " as `whisper: it ships on Monday`."
)
HOW_NOW = "What you write in this thread goes to them. `whisper:` and what follows it goes to the assistant alone."
IN_CHANNEL = (
    "What {0} writes in this thread goes to the guest, and `whisper:` with what follows it to the assistant alone. What"
    " others write here stays here."
)
MOVED = ":iphone: They go on on another device."
RESTS = ":zzz: Nobody wrote for half an hour, so the chat is paused. It goes on as soon as one of you writes."
OVER = ":checkered_flag: This chat has ended."
STEPS = {"done": "used", "failed": "could not use"}


def root(guest: Guest) -> list[Block]:
    """Who it is, who answers, and what can be done about it."""
    lead = section(f":wave: *{safe(guest.name, 80)}* opened {_whose(guest)} *{safe(guest.link.title, 120)}*.")
    state, session = guest.session.host_state, guest.session.id
    if guest.ended:
        return [lead, *_proven(guest), context(OVER), actions(_transcript(session), _delete(guest))]
    turn = (
        button("Hand back to the assistant", HAND_BACK, session, style="primary")
        if state == HOST
        else button("Take over", TAKE_OVER, session, label="Take over from the assistant")
    )
    end = button("End the chat", END, session, style="danger", confirm=_sure(guest))
    whisper = button("Whisper", WHISPER, session, label="Whisper to the assistant")
    return [
        lead,
        *_proven(guest),
        context(_answers(guest)),
        actions(turn, whisper, _transcript(session), end, _delete(guest)),
        context(_how(guest)),
    ]


def _whose(guest: Guest) -> str:
    """In a channel others read it too, and whoever it speaks of is called so that they hear of it."""
    return f"<@{guest.link.creator_id}>’s link" if channel_of(guest.link) else "your link"


def _answers(guest: Guest) -> str:
    told = ANSWERS.get(guest.session.host_state, ANSWERS[""])
    return told.replace("You answer.", f"<@{guest.link.creator_id}> answers.") if channel_of(guest.link) else told


def _how(guest: Guest) -> str:
    if guest.session.former_ts:
        where = f"Its beginning stands in <#{guest.session.former_channel}>, which I cannot write in any more. "
    else:
        where = ""
    if channel_of(guest.link):
        return IN_CHANNEL.format(f"<@{guest.link.creator_id}>")
    return where + (HOW_NOW if guest.session.host_state == HOST else HOW)


def _proven(guest: Guest) -> list[Block]:
    """Names are what guests call themselves; a code is more than that."""
    link = guest.link
    return [context(f":lock: Proven by a code sent to {access.told(link)}.")] if link.access in ADDRESSED else []


def root_text(guest: Guest) -> str:
    return f"{safe(guest.name, 80)} opened your link {safe(guest.link.title, 120)}"


def part(events: Sequence[Event]) -> tuple[list[Block], int]:
    """What one message takes of these, and how many that are. No blocks: there is nothing to tell of them."""
    blocks: list[Block] = []
    size = 0
    for count, event in enumerate(events):
        fresh = _told(event)
        size += sum(len(str(block)) for block in fresh)
        if blocks and (len(blocks) + len(fresh) > MOST_BLOCKS or size > MOST_CHARACTERS):
            return blocks, count
        blocks += fresh
    return blocks, len(events)


def part_text(events: Sequence[Event]) -> str:
    """For notifications: the last that was said."""
    said = [event for event in events if event.kind == "message"]
    return safe(f"{_who(said[-1].body)}: {said[-1].body['text']}", 200) if said else "Something happened in the chat."


def asks_for_person(events: Sequence[Event]) -> bool:
    return any(event.kind == "host" and event.body["state"] == ASKED for event in events)


def changes_root(events: Sequence[Event]) -> bool:
    return any(event.kind in ("host", "end") for event in events)


def whisper_form(session_id: str) -> View:
    """For who does not know the prefix."""
    hint = "Only the assistant reads it, and acts on it in its own words."
    words = text_input(placeholder="Tell them it ships on Monday", multiline=True, most=3_000)
    return modal(
        "Whisper",
        [field("text", "What should the assistant know or say?", words, hint=hint)],
        callback_id=WHISPERED,
        submit="Whisper",
        close="Cancel",
        metadata=json.dumps({"session": session_id}),
    )


def not_put(name: str) -> str:
    """In the thread, in the place of a file."""
    return f":warning: {safe(name, 100)} could not be put here: Slack takes no files from me. Their page has it."


def _delete(guest: Guest) -> Block:
    told = (
        f"What {safe(guest.name, 80)} and the assistant said goes for good: here, on the guest's page and in my"
        " database. What you wrote in the thread yourself stays."
    )
    confirm = sure("Delete this chat?", told, "Delete it")
    return button("Delete the chat", DELETE, guest.session.id, confirm=confirm)


def _transcript(session_id: str) -> Block:
    return button("Transcript", transcripts.TRANSCRIPT, session_id, label="Read or save what was said")


def _sure(guest: Guest) -> Block:
    name = safe(guest.name, 80)
    return sure("End this chat?", f"{name} reads that you ended it, and can write no more.", "End it", "Go on")


def _told(event: Event) -> list[Block]:
    """A guest's marks are words here, and a model's stand under its name: neither looks like what Usher says."""
    match event.kind, event.body:
        case "message", {"author": "host"}:
            return []  # the host has typed it here
        case "message", {"text": text}:
            mark = " _(cut off here)_" if event.body.get("partial") else ""
            sent = ", ".join(str(file["name"]) for file in event.body.get("files", ()))
            written = _as_marked if event.body["author"] == "agent" else _as_written
            words = [] if sent and sent == text else [written(str(text))]
            files = [context(f":paperclip: {safe(sent, 400)}")] if sent else []
            return [context(f"*{safe(_who(event.body), 80)}*{mark}"), *words, *files]
        case "tool", {"title": title, "server": ""} if title == FILED:
            return []  # what was filed has a message of its own
        case "tool", {"state": "done" | "failed" as state, "title": title}:
            return [context(f":gear: The assistant {STEPS[state]} {safe(str(title), 100)}.")]
        case "rating", {"verdict": "up" | "down" as verdict, "name": name, "about": about}:
            liked, how = (":thumbsup:", "helpful") if verdict == "up" else (":thumbsdown:", "not helpful")
            return [context(f"{liked} {safe(str(name), 80)} found this answer {how}: {safe(str(about), 120)}")]
        case "rating", {"verdict": "", "name": name}:
            return [context(f"{safe(str(name), 80)} took back what they thought of an answer.")]
        case "status", {"state": "failed" | "interrupted", "text": text}:
            return [context(f":warning: {safe(str(text), 300)}")]
        case "status", {"state": "paused"}:
            return [context(RESTS)]
        case "moved", _:
            return [context(MOVED)]
        case "host", {"state": "asked"}:
            return [context(f"{ANSWERS[ASKED]} Reply here.")]
        case "host", {"state": "host"}:
            return [context(ANSWERS[HOST])]
        case "host", {"state": "agent"}:
            return [context(ANSWERS[""])]
        case "host", {"state": state} if state == UNANSWERED:
            return [context("They were told that nobody could come, and may leave a message here.")]
    return []


def _as_written(text: str) -> Block:
    whole = text.strip() or "…"
    shown = whole if len(whole) <= MOST_OF_ONE else clipped(whole, MOST_OF_ONE - len(LONGER)) + LONGER
    return {"type": "section", "text": plain(shown)}


def _as_marked(text: str) -> Block:
    """As everywhere in Slack: links say where they lead, and nobody is called."""
    whole = text.strip() or "…"
    first = whole[:MOST_OF_ONE]
    rest = f"{closing(first)}\n\n{LONGER}" if len(whole) > MOST_OF_ONE else ""
    return {"type": "markdown", "text": honest(first + rest)}


def _who(body: dict[str, Any]) -> str:
    return "Assistant" if body["author"] == "agent" else str(body["name"] or "Guest")
