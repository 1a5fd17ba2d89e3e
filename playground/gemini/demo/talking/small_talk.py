"""Greetings, thanks, who it is, jokes, the weather: what people say to find out whom they talk with."""

import re
from datetime import datetime, timedelta

from playground.gemini.demo.conversation import Conversation
from playground.gemini.demo.hearing.languages import in_english
from playground.gemini.demo.hearing.slips import mended
from playground.gemini.demo.talking.abilities import in_short
from playground.gemini.demo.talking.sums import charted, total

THANKS = re.compile(r"\b(?:thanks?|thank you|thx|cheers|appreciated?)\b", re.IGNORECASE)
BYE = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|thanks?|thank you|great|alright|cheers)\b[\s,!.]*)*(?:good ?)?"
    r"(?:bye+|goodbye|see (?:you|ya)|cya|ciao|good ?night|that is all|that's all|later)\b",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"^\W*(?:hi+|hello|hey+|yo|good (?:morning|evening|afternoon|day)|greetings|hiya|howdy|sup"
    r"|ping|test(?:ing)?|hello world|anybody there|are you there)\b",
    re.I,
)
BESIDE_GREETING = re.compile(
    r"\b(?:there|usher|everyone|everybody|all|again|team|bot|mate|friend|world|hi|hello|hey"
    r"|to you|you)\b|\W",
    re.I,
)
PLEASED = re.compile(
    r"^\W*(?:ok(?:ay)?|cool|great|nice|perfect|awesome|wow|good|amazing|got it|fine|alright"
    r"|all right|no problem|good (?:job|bot)|well done|lovely|excellent|super|right|impressive"
    r"|hm+|i see|interesting|love it|lol|haha+|hehe)\b[\s\w!.]{0,12}$",
    re.I,
)
YES = re.compile(r"^\W*(?:yes|yep|yeah|sure|of course|absolutely|please do)\b[\s!.,]*(?:please)?[\s!.]*$", re.I)
NO = re.compile(
    r"^\W*(?:no|nope|nah|never ?mind|forget (?:it|about it)|cancel(?: that| it)?|stop(?: it)?"
    r"|leave it|nothing|no thanks?)\b[\s,!.]*(?:thanks?|thank you|please)?[\s!.]*$",
    re.I,
)
LAST = (
    (r"\b(?:my name is|call me|i am called)\b", "Nice to meet you. What can I do for you?"),
    (
        r"\bweather\b|\btemperature\b|\b(?:will|does) it rain\b|\bis it (?:raining|sunny|cold|warm"
        r"|snowing)\b|\bforecast\b",
        "I cannot see the weather: no connected tool knows it. If you have a weather server,"
        " `/mcp connect custom` takes its address.",
    ),
    (
        r"\bjokes?\b|\bmake me laugh\b|\bsomething funny\b|\bfunny\b",
        "Why did the doorman become a developer? He already knew how to handle every request at the door.",
    ),
    (
        r"\b(?:poem|haiku|song|lyrics|story|essay|blog ?post|article|speech|slogan|tagline"
        r"|cover letter|draft|rhyme)\b|\bwrite (?:me )?(?:an? )?(?:e-?mail|letter|post|tweet"
        r"|paragraph|text)\b",
        "Writing like that is for the real model; I would only string words together. What I do"
        " well is use your tools.",
    ),
    (
        r"\btranslate\b|\bhow do you say\b|\bin (?:german|french|spanish|italian)\b",
        "I cannot translate: that is for the real model. I understand simple requests in English, German and Spanish.",
    ),
    (
        r"\bspeak (?:german|spanish|french|english|deutsch)\b|\bdo you (?:speak|understand)\b"
        r"|\bwhich languages\b",
        "I understand simple requests in English, German and Spanish, and I answer in English."
        " The real model speaks many languages.",
    ),
    (
        r"\bhow old are you\b|\bwhen were you born\b|\bwhere (?:are|do) you (?:from|live)\b"
        r"|\bare you (?:married|single|happy|sad|tired|bored|ok|busy)\b|\bdo you (?:like|love"
        r"|sleep|eat|dream|have feelings)\b|\bfavou?rite\b",
        "I am a small program on this machine, so there is little to tell about me. What can I do for you?",
    ),
    (r"\b(?:meaning of life|answer to everything)\b", "42, they say. For anything more useful I need a tool."),
    (
        r"\bflip a coin\b|\broll (?:a|the) dice?\b|\brandom number\b",
        "I leave chance to others: I only do what can be checked.",
    ),
    (
        r"\b(?:do it|do that|go ahead|yes please|yes do it|sure do it)\W*$",
        "Gladly, but I am not sure what. Say it in one sentence, please.",
    ),
    (
        r"^\W*(?:why|how|what|huh|what do you mean|how come|who|when|where|really)\W*$",
        "I am not sure what you mean. Ask me in a whole sentence, and I do my best.",
    ),
)
REPEAT = re.compile(r"^(?:say|repeat(?: after me)?|echo|print)\b\s*:?\s*(.+)$", re.IGNORECASE)
DATE = re.compile(
    r"\b(?:what|which) (?:day|date)\b|\bwhat is (?:the )?(?:date|today)\b|\b(?:today|tomorrow"
    r"|yesterday)'?s? date\b|\bwhat (?:day|date)? ?(?:is|was) (?:it )?(?:tomorrow|yesterday)\b"
    r"|\bdate today\b|^\W*(?:date|today)\W*$|\bwhat is the day\b|\bwhat (?:year|month|week)\b",
    re.I,
)
DAYS = (("Tomorrow", 1), ("Yesterday", -1), ("Today", 0))
NOW = re.compile(r"^It is \w+, (\d{4}-\d{2}-\d{2}) \d{2}:\d{2} ?(\S*?)(?: \(\S+\))?\.$", re.MULTILINE)


def only_manners(question: str, talk: Conversation) -> str | None:
    """An answer to a greeting, thanks or a sign, when there is nothing else in it."""
    text = mended(in_english(question))
    if not re.search(r"\w", text):
        return _sign(text)
    if NO.match(text):
        return "All right, I leave it."
    if YES.match(text):
        return "Good. Tell me in one sentence what to do, and I start."
    if BYE.match(text):
        return "Goodbye, and come back any time."
    if THANKS.search(text) and len(text.split()) <= 6:
        return "You are welcome."
    if greets(text):
        return f"Hello! {in_short(talk)}"
    if PLEASED.match(text):
        return "Good. What is next?"
    return None


def greets(text: str) -> bool:
    """A greeting and nothing more."""
    match = GREETING.match(text)
    return match is not None and not re.sub(BESIDE_GREETING, "", text[match.end() :])


def last(text: str, talk: Conversation) -> str | None:
    """What people ask anybody, when no tool is for it."""
    if (result := charted(text) or total(text)) is not None:
        return result
    if DATE.search(text) and (day := date_said(text, talk)):
        return day
    if said := next((answer for pattern, answer in LAST if re.search(pattern, text, re.IGNORECASE)), None):
        return said
    if (match := REPEAT.match(text)) and len(match[1]) < 80:
        return "I would rather not be a parrot. Tell me what I can do for you."
    return None


def date_said(text: str, talk: Conversation) -> str:
    """From the moment that the newest note tells."""
    match = NOW.search(talk.task)
    if not match:
        return ""
    name, away = next((each for each in DAYS if each[0].lower() in text.lower()), ("Today", 0))
    day = datetime.fromisoformat(match[1]) + timedelta(days=away)
    verb = "was" if away < 0 else "is"
    zone = f" ({match[2]})" if match[2] else ""
    return f"{name} {verb} {day:%A}, {day.day} {day:%B %Y}{zone}."


def _sign(text: str) -> str:
    if re.search(r"[?¿]", text):
        return "I am listening. What would you like to know?"
    if re.search("[😢😭😞😡👎☹🙁😠🤬]", text):
        return "That looks unhappy. Tell me what went wrong, and I try again."
    if re.search("[👍🙏❤🎉👏😀😃😄😊🙂🥰😍🚀💯✅👌]", text):
        return "🙂 Good. What can I do for you?"
    return "I did not get any words. What can I do for you?"
