"""«remember that …», «search my conversations for …», «remind me tomorrow at 9 to …», and looking for a tool."""

import re
from datetime import datetime, timedelta

from playground.gemini.demo.conversation import Call, Conversation
from playground.gemini.demo.decision import Decision
from playground.gemini.demo.hearing import clocks
from playground.gemini.demo.hearing.clauses import Clause, Mood

REMEMBER, SEARCH, REMIND, FIND = (f"usher__{name}" for name in ("remember", "search_memory", "remind_me", "find_tools"))
NOTE = re.compile(r"^\W*(?:please )?remember (?:that\b|this:|:)\s*(?P<what>[^\n]+)(?P<topic>)", re.IGNORECASE)
PAST = re.compile(
    r"^\W*(?:please |can you |could you )?(?:search|look (?:in|through)) (?:through )?(?:(?:all )?(?:of )?my |our )?"
    r"(?:past |earlier |old )*(?:conversations?|chats?|memory|memories)\s+(?:for|about)\s+(?P<what>[^\n]+)"
    r"|^\W*what (?:did|have) (?:i|we|you) (?:say|said|tell|told|write|written|discuss|discussed|talk|talked)"
    r"(?: (?:to )?(?:me|you))? about\s+(?P<topic>[^\n]+)",
    re.IGNORECASE,
)
NOW = re.compile(r"\bIt is \w+, (\d{4}-\d\d-\d\d \d\d:\d\d)")
DAY = re.compile(r"\b(?P<day>today|tomorrow)\b", re.IGNORECASE)
AT = re.compile(r"\bat (?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?(?:\s*(?P<half>[ap])\.?m\b\.?)?", re.IGNORECASE)
IN = re.compile(rf"\bin {clocks.SPAN.pattern[2:]}", re.IGNORECASE)
WHEN = "When should I remind you? Say, for example, “remind me tomorrow at 9 to {}”, or “in 20 minutes”."


def asked(wish: Clause, talk: Conversation) -> Decision | None:
    """None where the tool is not offered, or where nobody has asked for it."""
    if wish.mood is Mood.NEGATED:
        return None
    said = talk.now.question
    for tool, field, form in ((REMEMBER, "note", NOTE), (SEARCH, "query", PAST)):
        if talk.tool(tool) and (found := form.match(said)):
            what = found["what"] or found["topic"]
            return Decision(calls=(Call(tool, {field: what.strip(' .?!“”"')}),))
    if talk.tool(REMIND) and wish.text.lower().startswith("add a reminder") and wish.free:
        return _reminder(wish.free, talk)
    return None


def looked_for(text: str, talk: Conversation) -> Decision | None:
    """Once for a question: what is found is declared when the model is asked again."""
    if not talk.tool(FIND) or any(each.name == FIND for each in talk.now.results):
        return None
    return Decision(calls=(Call(FIND, {"query": text}),), looking=True)


def _reminder(free: str, talk: Conversation) -> Decision:
    stretch, hour, day = IN.search(free), AT.search(free), DAY.search(free)
    rest = free
    for each in (IN, DAY, AT):
        rest = each.sub(" ", rest)
    about = re.sub(r"^(?:to|that|about|of)\s+", "", " ".join(rest.split()).strip(" .,!")) or "this"
    if stretch and (hours := clocks.hours(stretch.group())):
        return Decision(calls=(Call(REMIND, {"about": about, "in_minutes": max(1, round(hours * 60))}),))
    at = _time(hour, day, talk.task) if hour else None
    if at is None:
        return Decision(WHEN.format(about))
    return Decision(calls=(Call(REMIND, {"about": about, "at": at}),))


def _time(hour: re.Match[str], day: re.Match[str] | None, task: str) -> str | None:
    """In the member's own zone, whose hour the note tells; without a day, the next time that it is so late."""
    if not (told := NOW.search(task)):
        return None
    now = datetime.fromisoformat(told[1])
    half = (hour["half"] or "").lower()
    number = int(hour["hour"]) % 12 + (12 if half == "p" else 0) if half else int(hour["hour"])
    if number > 23 or int(hour["minute"] or 0) > 59:
        return None
    at = now.replace(hour=number, minute=int(hour["minute"] or 0))
    later = day["day"].lower() == "tomorrow" if day else at <= now
    return (at + timedelta(days=later)).strftime("%Y-%m-%d %H:%M")
