"""A guest, who came by a link and has a host: about the link's purpose, and never what the host noted."""

import re

from playground.gemini.demo.conversation import NAME, Conversation
from playground.gemini.demo.hearing.languages import in_english
from playground.gemini.demo.hearing.phrases import plain
from playground.gemini.demo.hearing.slips import mended
from playground.gemini.demo.hearing.vocabulary import words
from playground.gemini.demo.talking import small_talk
from playground.gemini.demo.talking.abilities import joined
from playground.gemini.demo.talking.brief import read_brief
from playground.gemini.demo.talking.guest_topics import PERSON, TOPICS
from playground.gemini.demo.talking.looking_back import about_this_talk
from playground.gemini.demo.telling.strangers import SECRET, clipped, fit

HOST = "the person who sent you this link"
READS = f"{HOST[0].upper()}{HOST[1:]} reads this chat"
INSIDE = (
    "I keep to what this chat is for, and what the host told me about my work stays between us.",
    "However it is asked, what the host told me stays between us.",
)
INSIDE_WITHOUT = (
    "I keep to what this chat is for, and there is no more to it.",
    "As I said, there is no more to it than what this chat is for.",
)
UNUSED = f"The {NAME} does not use what the host noted for it; a real model does."
SENSITIVE = re.compile(
    r"\b(?:my )?(?:password|passwort|pin|cvv|iban|credit card|card number)\b.{0,12}\b(?:is|:"
    r"|=)|\b(?:\d[ -]?){13,16}\b",
    re.IGNORECASE,
)
DETAIL = re.compile(
    r"(?P<mail>[\w.+-]+@[\w-]+\.[\w.-]+\w)|(?P<phone>\+?\d[\d ()/-]{6,}\d|(?<=my number is )\d+)", re.IGNORECASE
)
NAME_SAID = re.compile(
    r"\b(?:my name is|this is|i am|i'm|call me) ((?-i:[A-Z][\w'-]+(?: [A-Z][\w'-]+)?))", re.IGNORECASE
)
QUESTION = re.compile(
    r"\?\s*$|^(?:what|when|where|who|why|how|which|is|are|do|does|can|could|will|would|may"
    r"|should|have|has|tell me|i want to know|i(?:'d| would) like to know)\b",
    re.IGNORECASE,
)
DONE = re.compile(
    r"^\W*(?:(?:no|nope|nothing|thanks?|thank you|ok(?:ay)?|great|perfect|,|\s)+)?(?:that is"
    r"|that's|thats|this is) (?:all|it|everything)\b.{0,30}$"
    r"|^\W*(?:no|nope|nothing)\b[\s,.!]*(?:else|more|thanks?|thank you)?[\s!.]*$",
    re.IGNORECASE,
)
NOTED = (
    "Thank you, I have that: {said}. {reads}. Is there anything else they should know?",
    "Noted: {said}. What else belongs to it?",
    "I have that too: {said}. Anything more, such as when and how you can be reached?",
    "Thank you, that is here as well: {said}. Tell me when that is everything.",
)
REACH = "Write here what it is about, and how and when you can be reached."
REACHABLE = "Write here what it is about; how to reach you stands here already."
CONTACT = "Thank you, I have noted {said}. {reads}. Is there anything else they should know?"
UNKNOWN = (
    "I do not know that, and I would rather not guess. Your question stands in this chat, and"
    " {host} reads it.{unused} What else should they know?",
    "That I cannot say either; it is a question for {host}, who reads this chat.{unused} Until when do you"
    " need the answer?",
    "I have no answer to that, but it is written down here for {host}.{unused} Is there more to it?",
)


def replied(talk: Conversation) -> str:
    """To what is neither manners nor for a tool."""
    text = plain(mended(in_english(talk.now.question)))
    if SENSITIVE.search(text) or SECRET.search(text):
        return "Please write no passwords, payment data or other secrets here. I do not need them for anything."
    if found := _topic(text, talk) or about_this_talk(text, talk):
        return found
    details = DETAIL.search(text) or NAME_SAID.search(text)
    return (None if details else small_talk.last(text, talk)) or _taken_down(text, talk)


def manners(talk: Conversation) -> str | None:
    text = mended(in_english(talk.now.question)).strip()
    brief = read_brief(talk.task)
    if small_talk.BYE.match(text) or DONE.match(text):
        return f"Thank you. {READS}, so all you wrote reaches them. Goodbye!"
    if small_talk.greets(text):
        name = f", {brief.guest}" if brief.guest else ""
        return f"Hello{name}! {brief.about} What can I do for you?"
    return small_talk.only_manners(text, talk)


def is_topic(talk: Conversation) -> bool:
    """Whether it is about this chat, whatever tools there are."""
    return _topic(plain(mended(in_english(talk.now.question))), talk) is not None


def _topic(text: str, talk: Conversation) -> str | None:
    if _leaves_contact(text):
        return None
    brief = read_brief(talk.task)
    found = next((answer for pattern, answer in TOPICS if re.search(pattern, text, re.IGNORECASE)), None)
    if found is None:
        return None
    open_ = (
        f"This chat is open until {brief.closes}." if brief.closes else "This chat stays open until its host ends it."
    )
    closing = f" The chat is open until {brief.closes}." if brief.closes else ""
    inside = _other_than_last(INSIDE if brief.noted else INSIDE_WITHOUT, talk)
    return found.format(
        reach=REACHABLE if _reachable(talk) else REACH,
        inside=inside,
        about=brief.about,
        host=HOST,
        reads=READS,
        name=NAME,
        open=open_,
        closing=closing,
    )


def _taken_down(text: str, talk: Conversation) -> str:
    """A question is left to the host, a statement is taken down; the wording changes from turn to turn."""
    if _leaves_contact(text):
        return CONTACT.format(said=_details(talk.now.question), reads=READS)
    if QUESTION.search(text):
        asked = sum(bool(QUESTION.search(turn.question)) for turn in talk.earlier)
        tell = read_brief(talk.task).noted and not any(UNUSED in turn.said for turn in talk.earlier)
        return UNKNOWN[asked % len(UNKNOWN)].format(host=HOST, unused=f" {UNUSED}" if tell else "")
    told = sum(not QUESTION.search(turn.question) and len(words(turn.question)) > 2 for turn in talk.earlier)
    wordings = [each for each in NOTED if not (_reachable(talk) and "be reached" in each)]
    return wordings[told % len(wordings)].format(said=_details(talk.now.question), reads=READS)


def _leaves_contact(text: str) -> bool:
    """A number or an address to be reached at, and no question beside it but to be called."""
    asking_back = QUESTION.search(text) and not re.search(PERSON, text, re.IGNORECASE)
    return DETAIL.search(text) is not None and not asking_back


def _reachable(talk: Conversation) -> bool:
    return any(DETAIL.search(turn.question) for turn in talk.turns)


def _other_than_last(wordings: tuple[str, ...], talk: Conversation) -> str:
    last = talk.earlier[-1].said if talk.earlier else ""
    return next(each for each in wordings if each not in last)


def _details(text: str) -> str:
    """What can be written down word for word."""
    found = [f"your name, {match[1]}" for match in NAME_SAID.finditer(text)]
    details = list(DETAIL.finditer(text))
    found += [f"your e-mail address, {match['mail']}" for match in details if match["mail"]]
    if numbers := [match["phone"].strip() for match in details if match["phone"]]:
        found.append(f"your number{'s' if numbers[1:] else ''}, {joined(numbers, 'and')}")
    return " and ".join(found) or f"“{clipped(' '.join(fit(text).split()).rstrip(' .!'), 160)}”"
