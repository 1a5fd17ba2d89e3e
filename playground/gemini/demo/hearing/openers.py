"""Openings after which free words follow, «note that …»: turned into a head, a colon, and the words untouched."""

import re

from playground.gemini.demo.hearing.phrases import ASKING_OFF, unpolished

NOTE, REMINDER = "add a note: ", "add a reminder: "
OPENERS = tuple(
    (re.compile(rf"^(?:{opener})", re.IGNORECASE), meaning)
    for opener, meaning in (
        (r"(?:add |write |make |take |leave |save )?(?:a )?(?:quick )?note to (?:my)?self\s*[:,-]?\s+", NOTE),
        (r"(?:add |make |take )?(?:a )?(?:new |quick )?notes?\s*:\s*", NOTE),
        (r"(?:make |take )?(?:a )?note(?: down)? (?:that|the following:?|of)\s+", NOTE),
        (r"(?:note|write|jot|put)(?: this| that| it)? down\s*(?:that\b|:)?\s+", NOTE),
        (
            r"(?:please )?(?:remember|keep in mind|do ?n[o'’]?t let me forget|do not forget"
            r"|don['’]?t forget)(?: that| this| to)?\s*:?\s+(?!all\b)",
            NOTE,
        ),
        (r"(?:save|store|keep) (?:this|that|the following)(?: as a note| in my notes)?\s*:\s*", NOTE),
        (
            r"(?:add|make|take|leave|drop|write|jot|put|create|save|ad)(?: me)?(?: down)? (?:a"
            r"|another) (?:new |quick |short )?note\s*"
            r"(?::|,|\b(?:saying|that says|that|to|with the text|with|about)\b:?)?\s+(?!and\b|for me\b"
            r"|please\b|called\b|titled\b|named\b|in\b)(?=[\w«“\"'])",
            NOTE,
        ),
        (r"new note\s*[:,-]?\s+(?=\w)", NOTE),
        (r"(?:set (?:up )?|create |make |add )?(?:me )?(?:a )?reminder (?:to|for|about|that)\s+", REMINDER),
        (r"remind (?:me|us)(?: to| about| that| of)?\s+", REMINDER),
        (r"(?:notiere?|merk(?:e)? dir|schreib(?:e)?(?: dir)? auf)(?: bitte)?(?:,? dass)?:?\s+", NOTE),
        (r"(?:(?:neue|erstell\w*|schreib\w*|mach\w*)\s+)(?:eine )?(?:neue )?notiz:?\s+(?=\w)", NOTE),
        (r"notiz:\s*", NOTE),
        (r"erinner(?:e|st du)? mich(?: bitte)?(?: daran| an)?,?(?: dass)?\s+", REMINDER),
        (r"(?:apunta|anota)(?: que)?:?\s+|(?:crea|añade) una nota:?\s+", NOTE),
        (r"recu(?:é|e)rdame(?: que)?\s+", REMINDER),
    )
)
INTO = re.compile(
    r"^(?:add|put|save|write) (?!a\b|an\b|another\b|new\b)(.+?) (?:to|in|into|on"
    r"|as) (?:my notes?|a note)\s*[.!]?$",
    re.I,
)
LONG_LIST = re.compile(r"^(?:notes?|notiz)\s*[:?!.]*$", re.IGNORECASE)


def opened(text: str) -> str:
    """``text`` as «add a note: …» when it begins in one of these ways, else as it is."""
    asked_off = ASKING_OFF.match(text)
    before = asked_off.group() if asked_off else ""
    wish = unpolished(text[len(before) :])
    if LONG_LIST.match(wish):
        return text
    wish = wish.rstrip("? ") if asked_off else wish
    for opener, meaning in OPENERS:
        if (match := opener.match(wish)) and wish[match.end() :].strip(" .?!"):
            return f"{before}{meaning}{wish[match.end() :]}"
    if match := INTO.match(wish):
        return f"{before}{NOTE}{match[1]}"
    return text
