"""A question, cut into single wishes, each with its mood: only a request may change anything."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from playground.gemini.demo.hearing.languages import in_english
from playground.gemini.demo.hearing.openers import opened
from playground.gemini.demo.hearing.phrases import ASKING_OFF, plain, unpolished
from playground.gemini.demo.hearing.slips import mended
from playground.gemini.demo.hearing.vocabulary import CHANGING_WORDS, words

LONGEST_HEAD = 12  # words before the colon of «add a note: …»
QUOTED = re.compile(r"[«“\"„]([^»”\"“]+)[»”\"“]|(?<!\w)'([^']{2,})'(?!\w)|`([^`]+)`")
START = (
    r"(?:(?:please|also|then|now|just|only|rather)\s+)*(?:(?:can|could|would|will) you\s+)?"
    r"(?:add|list|read|delete|remove|show|what|which|who|make|create|revoke|convert|tell|rename|connect|disconnect|"
    r"how|search|find|open|don't|do not|send|summarise|check|get|is|give|write|run|close|update|when)\b"
)
APART = re.compile(
    rf"\s*(?:[.?!;\n]+\s*|,\s*|\s)(?:(?:and|but|then|or|also|plus)\s+)+(?={START})"
    rf"|(?<=[.?!;\n])\s+|\s*,\s*(?={START})",
    re.I,
)
THEN = re.compile(rf"[.;,]?\s+(?:and\s+)?then\s+(?={START})|[.!]\s+(?:also|now|afterwards)[, ]+(?={START})", re.I)
NEGATION = re.compile(r"\b(?:do not|don['’]?t|never|not|no need to|stop|instead of)\b", re.IGNORECASE)
NO_NEGATION = re.compile(
    r"\bwhy (?:do not|don't) you\b|\bnot (?:yet|only)\b|\bdon't (?:forget|worry)\b"
    r"|\bwhether or not\b|\bif not\b",
    re.I,
)
WONDERING = re.compile(
    r"^(?:what (?:happens|would happen|will happen|does|do|if)|how (?:do|can|could|would|does|to|should)|why|should|"
    r"is it (?:possible|safe|ok|okay)|is there (?:a|any) way|do you|did|have you|are you able|could i|may i|can i|"
    r"can (?!you)|if|suppose|would it|would i|when (?:will|do|does)|who can|where (?:do|can)|i wonder|tell me how|"
    r"explain|am i|what about if|has|was|were|which tool)\b",
    re.IGNORECASE,
)


SUPPOSING = re.compile(r"^\s*(?:and |but )?(?:when|if|at|given|since|while|once)\b(?![^?]*\?)", re.IGNORECASE)


class Mood(Enum):
    REQUEST = "do it"
    ABILITY = "can you?"
    NEGATED = "do not"
    WONDERING = "what if, how, may I, did you"


@dataclass(frozen=True)
class Clause:
    text: str
    """In plain English as far as that goes; free words as they were written."""
    mood: Mood
    asking: bool
    """It ends with a question mark."""

    @property
    def head(self) -> str:
        """What is asked, without what it is asked about: «add a note» of «add a note: delete nothing»."""
        at = colon(self.text)
        return QUOTED.sub(" ", self.text[:at] if at is not None else self.text)

    @property
    def words(self) -> list[str]:
        return words(self.head)

    @property
    def free(self) -> str | None:
        """What follows the colon."""
        at = colon(self.text)
        return None if at is None else self.text[at + 1 :].strip()


def clauses(question: str) -> list[Clause]:
    """Each wish of a question; words after a colon belong to the wish before it."""
    text = normal(question)
    at = colon(text)
    before, after = (text, "") if at is None else (text[:at], text[at:])
    pieces = _cut(before, APART) or [""]
    pieces[-1] += after
    pieces[-1:] = _cut(pieces[-1], THEN) if after else pieces[-1:]
    found = [_clause(piece) for piece in pieces if piece.strip(" .,;!?\n")]
    return [each for each in found if each.text.strip(" .,;!?")]


def normal(question: str) -> str:
    """Plain English where it is about what is wanted; what follows a colon stays letter for letter."""
    head, kept = _shielded(opened(unpolished(question)))
    text = unpolished(plain(unpolished(mended(in_english(head)))))
    for mark, words_kept in kept.items():
        text = text.replace(mark, words_kept)
    return text


def colon(text: str) -> int | None:
    """Where free words begin: a colon that is no clock and no address, after a short head."""
    shielded = QUOTED.sub(lambda match: "x" * len(match.group()), text)
    for match in re.finditer(r":(?!\d\d|//)", shielded):
        if 1 <= len(text[: match.start()].split()) <= LONGEST_HEAD:
            return match.start()
    return None


def quoted(text: str) -> str | None:
    match = QUOTED.search(text)
    return next(group for group in match.groups() if group).strip() if match else None


def _shielded(question: str) -> tuple[str, dict[str, str]]:
    """Quoted words and those after a colon, set aside while the rest is put into plain English."""
    kept: dict[str, str] = {}

    def keep(words_kept: str) -> str:
        mark = f"\N{OBJECT REPLACEMENT CHARACTER}{len(kept)}\N{OBJECT REPLACEMENT CHARACTER}"
        kept[mark] = words_kept
        return mark

    at = colon(question)
    head, tail = (question, "") if at is None else (question[: at + 1], question[at + 1 :])
    head = QUOTED.sub(lambda match: keep(match.group()), head)
    return head + (f" {keep(tail.strip())}" if tail.strip() else ""), kept


def _cut(text: str, where: re.Pattern[str]) -> list[str]:
    shielded = QUOTED.sub(lambda match: "x" * len(match.group()), text)
    ends = [(match.start(), match.end()) for match in where.finditer(shielded)]
    starts = [0, *(end for _, end in ends)]
    # The mark that ends a sentence stays with it.
    return _joined(
        text[start:stop] + re.sub(r"[^?]", "", text[stop:after])
        for start, (stop, after) in zip(starts, [*ends, (len(text), len(text))], strict=True)
    )


def _joined(pieces: Iterable[str]) -> list[str]:
    """«when it is 3 pm in Berlin, what time is it in Tokyo» is one wish."""
    whole: list[str] = []
    for piece in pieces:
        if whole and SUPPOSING.match(whole[-1]):
            whole[-1] += f", {piece}"
        else:
            whole.append(piece)
    return whole


def _clause(piece: str) -> Clause:
    text = unpolished(plain(opened(unpolished(piece))))
    asking = piece.rstrip().endswith("?") and colon(text) is None
    if ASKING_OFF.match(text):
        text = plain(unpolished(ASKING_OFF.sub("", text)))
        mood = Mood.NEGATED if _negated(text) else Mood.ABILITY
        return Clause(text, mood, asking)
    if WONDERING.match(text):
        return Clause(text, Mood.WONDERING, asking)
    return Clause(text, Mood.NEGATED if _negated(text) else Mood.REQUEST, asking)


def _negated(text: str) -> bool:
    at = colon(text)
    head = QUOTED.sub(" ", NO_NEGATION.sub(" ", text[:at] if at is not None else text))
    match = NEGATION.search(head)
    if not match:
        return False
    before, after = words(head[: match.start()]), words(head[match.end() :])
    if match.group().lower() == "stop":
        return bool(set(after[:2]) & CHANGING_WORDS)
    # «delete my notes not», as it comes out of German; but «a link for people not in Slack» is a wish.
    return not after or len(before) <= 2
