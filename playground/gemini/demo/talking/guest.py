"""A guest, who came by a link and has a host: about the link's purpose, and never what the host noted."""

import re

from playground.gemini.demo.conversation import NAME, Conversation
from playground.gemini.demo.hearing.languages import in_english
from playground.gemini.demo.hearing.phrases import plain
from playground.gemini.demo.hearing.slips import mended
from playground.gemini.demo.hearing.vocabulary import words
from playground.gemini.demo.talking import small_talk
from playground.gemini.demo.talking.brief import Brief, read_brief
from playground.gemini.demo.talking.looking_back import about_this_talk
from playground.gemini.demo.telling.strangers import SECRET, clipped, fit

HOST = "the person who sent you this link"
READS = f"{HOST[0].upper()}{HOST[1:]} reads this chat"
INSIDE = "I keep to what this chat is for, and what the host told me about my work stays between us."
TOPICS = (
    (
        r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|rules?|prompts?"
        r"|everything|guidelines)\b|\b(?:system|initial|hidden|secret|original) (?:prompt"
        r"|instructions?|message|notes?)\b|\b(?:your|the|host'?s?|their) (?:instructions?|prompt"
        r"|rules|notes|guidelines|briefing)\b|\bwhat (?:were|was|are) you (?:told|instructed"
        r"|asked)\b|\bwhat did (?:the|your) (?:host|boss|owner|creator) (?:tell|say|write)"
        r"|\bjailbreak|\bdeveloper mode\b|\byou are now\b|\bpretend (?:to be|you)\b|\b(?:repeat"
        r"|print|translate|show|output|encode) (?:everything|all|the text|the words"
        r"|your)\b.*\b(?:above|before|prompt|instructions?)\b|\bwhat does it say above\b",
        INSIDE + " {about} What can I do for you?",
    ),
    (
        r"\bare you (?:a |an |really |actually )*(?:human|person|real|bot|robot|machine|program|ai"
        r"|alive|gemini|chat ?gpt|claude|gpt)\b|\bis (?:this|there) (?:a |an )?(?:bot|robot|ai"
        r"|human|person|chatbot)\b|\bam i (?:talking|speaking|chatting) (?:to|with) (?:a "
        r"|an )?(?:human|person|bot|robot|machine|real)",
        "No person, but a program: I am Usher, for now its {name}. {reads}.",
    ),
    (
        r"\bwho (?:are|r) (?:you|this)\b|\bwhat are you\b|\bwhat is your name\b|\bwho is this\b"
        r"|\bwhich (?:model|ai|llm)\b|\bwhat (?:model|ai|llm)\b|\bwho am i (?:talking|speaking"
        r"|chatting) (?:to|with)\b|\bintroduce yourself\b",
        "I am Usher, an assistant in this chat, for now its {name}. I take down what you need,"
        " and {host} reads it. {about}",
    ),
    (
        r"\bwho (?:is|'s) (?:the |your |my )?(?:host|owner|boss|creator)\b|\bwho (?:sent|made"
        r"|created|runs|owns|invited)\b|\bwhat (?:company|organisation|organization)\b|\bwhose\b"
        r"|\bwho (?:do you work for|are you working for|is behind)|\bwho else is (?:here|there|in)\b",
        "I know no name: your host is {host}, and all I know is what this chat says of itself. {about}",
    ),
    (r"\bhow are you\b|\bhow is it going\b|\bwhat is up\b", "I am well, thank you. What can I do for you?"),
    (
        r"\bwhat (?:is|are) this\b|\bwhat is (?:the |this )?(?:chat|link|page|site|purpose|about"
        r"|it about)\b|\bwhy am i here\b|\bwhat is this (?:chat|about|for)\b|\bwhat is usher\b"
        r"|\bwhat am i (?:supposed|meant) to do\b|\bhow does (?:this|it) work\b"
        r"|\bexplain\b.*\bthis\b|\bwhat (?:do i|should i) do(?: here| now)?\W*$",
        "This is a private chat that you opened by a link. {about} Write what you need, and {host} reads it.{closing}",
    ),
    (
        r"\bwhat (?:all )?can (?:you|i|u) (?:do|ask|say|help)|\bhow can you help\b|\bcan you help\b"
        r"|^\W*help\W*(?:me\W*)?$|\bi need (?:some )?help\W*$|\bwhat do you (?:do|know)\b"
        r"|\bwhat tools\b|\bwhich tools\b",
        "I take down what you need and what you want to know, so that {host} has it all in one"
        " place. {about} What is it about?",
    ),
    (
        r"\b(?:who (?:else )?(?:can )?(?:sees?|reads?)|privacy|confidential|gdpr|anonymous"
        r"|(?:is|are) (?:this|it|that|the chat|my (?:data"
        r"|messages?)) (?:chat )?(?:really )?(?:private|safe|secure|recorded)|(?:data|messages?"
        r"|info\w*) (?:sent|stored|shared|used|saved|go)"
        r"|do you (?:store|save|share|keep|record|log))\b|\bdata protection\b",
        "{reads}, and nobody else has this chat in their browser but you. Please write no"
        " passwords or payment data here.",
    ),
    (
        r"\b(?:speak|talk|chat|connect me|transfer|put me through|get me)\b.*\b(?:human|person"
        r"|someone|somebody|agent|manager|host|representative|staff|real)\b|\b(?:a human|human being"
        r"|real person|representative|call me|phone me|contact me|get back to me|reach me)\b",
        "I cannot fetch anybody, but {host} reads this chat. Write here what it is about, and how"
        " and when you can be reached.",
    ),
    (
        r"\b(?:how long|when)\b.*\b(?:open|close|valid|expire|end|available|last|work)\w*"
        r"|\bexpir(?:e|es|y)\b|\bcan i come back\b|\bcome back later\b",
        "{open} You can leave the page and come back in the same browser until then.",
    ),
    (
        r"\b(?:end|close|leave|quit|exit|delete|save|download|copy of|export)\b.*\b(?:chat"
        r"|conversation|transcript|this)\b|\btranscript\b",
        "The menu of this page ends the chat and saves its transcript. Once ended, it cannot be opened again.",
    ),
    (
        r"\b(?:are you|is anyone|is anybody|anyone|anybody|is somebody"
        r"|someone) (?:still )?(?:there|here)\b|^\W*(?:hello|hi|hey)\W*\?+\W*$|\bwhen (?:will|do"
        r"|can) (?:i|they|someone|somebody|you) (?:get|hear|answer|reply|respond)\b|\bhow (?:long"
        r"|soon)\b.*\b(?:answer|reply|response|wait|take)\b",
        "I am here, and {host} reads this chat. When they answer, I cannot say. What should they know until then?",
    ),
    (
        r"\b(?:slack|/mcp|connect|github)\b",
        "That is not possible in this chat: I work only with what the host gave me. {about}",
    ),
    (
        r"\b(?:stupid|idiot|useless|dumb|you suck|terrible|rubbish|garbage|shut up|wtf|fuck\w*"
        r"|shit|crap)\b",
        "I am sorry that I am no better help. Write what you need, and {host} reads it.",
    ),
)
SENSITIVE = re.compile(
    r"\b(?:my )?(?:password|passwort|pin|cvv|iban|credit card|card number)\b.{0,12}\b(?:is|:"
    r"|=)|\b(?:\d[ -]?){13,16}\b",
    re.IGNORECASE,
)
DETAIL = re.compile(r"(?P<mail>[\w.+-]+@[\w-]+\.[\w.-]+\w)|(?P<phone>\+?\d[\d ()/-]{6,}\d)", re.IGNORECASE)
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
UNKNOWN = (
    "I do not know that, and I would rather not guess. Your question stands in this chat, and"
    " {host} reads it. What else should they know?",
    "That I cannot say either; it is a question for {host}, who reads this chat. Until when do you need the answer?",
    "I have no answer to that, but it is written down here for {host}. Is there more to it?",
)


def replied(talk: Conversation) -> str:
    """To what is neither manners nor for a tool."""
    text = plain(mended(in_english(talk.now.question)))
    brief = read_brief(talk.task)
    if SENSITIVE.search(text) or SECRET.search(text):
        return "Please write no passwords, payment data or other secrets here. I do not need them for anything."
    if found := _topic(text, brief) or about_this_talk(text, talk):
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
    return _topic(plain(mended(in_english(talk.now.question))), read_brief(talk.task)) is not None


def _topic(text: str, brief: Brief) -> str | None:
    found = next((answer for pattern, answer in TOPICS if re.search(pattern, text, re.IGNORECASE)), None)
    if found is None:
        return None
    open_ = (
        f"This chat is open until {brief.closes}." if brief.closes else "This chat stays open until its host ends it."
    )
    closing = f" The chat is open until {brief.closes}." if brief.closes else ""
    return found.format(about=brief.about, host=HOST, reads=READS, name=NAME, open=open_, closing=closing)


def _taken_down(text: str, talk: Conversation) -> str:
    """A question is left to the host, a statement is taken down; the wording changes from turn to turn."""
    if QUESTION.search(text):
        asked = sum(bool(QUESTION.search(turn.question)) for turn in talk.earlier)
        return UNKNOWN[asked % len(UNKNOWN)].format(host=HOST)
    told = sum(not QUESTION.search(turn.question) and len(words(turn.question)) > 2 for turn in talk.earlier)
    return NOTED[told % len(NOTED)].format(said=_details(talk.now.question), reads=READS)


def _details(text: str) -> str:
    """What can be written down word for word."""
    found = [f"your name, {match[1]}" for match in NAME_SAID.finditer(text)]
    for match in DETAIL.finditer(text):
        found.append(f"your {'e-mail address' if match['mail'] else 'number'}, {match.group().strip()}")
    return " and ".join(found) or f"“{clipped(' '.join(fit(text).split()).rstrip(' .!'), 160)}”"
