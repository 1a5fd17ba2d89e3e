"""What the demo model says by itself: who it is, what it could do, and a long text on request."""

import re

from playground.gemini.demo.choosing import Choice
from playground.gemini.demo.talk import NAME, Talk
from playground.gemini.demo.words import people_say
from playground.gemini.wire import Json

ABOUT = f"I am Usher's {NAME}: I pick tools by the words of a question and know nothing by myself."
REAL = "With `GEMINI_API_KEY` set, a real model answers here."
CONNECT = "Tools are connected with `/mcp connect`: Time takes one click, Custom takes the address of any MCP server."

NOTHING_NEW = (
    "This is part {number} of 6. It says nothing new about {topic}, because I know nothing about {topic}; it is here so"
    " that there is something to stream, word by word, at the speed at which a real model writes. You can stop it at"
    " any time, and what was written so far stays. You can also close the page and open it again: nothing is lost."
)

HELLO = re.compile(r"^(hi|hello|hey|good (morning|evening|afternoon)|hallo|servus|moin)\b", re.I)
WHO = re.compile(r"\b(who|what) (are|is) (you|this|usher)\b|\bare you\b", re.I)
TOOLS = re.compile(r"\b(what|which|list|show)\b.*\b(tools?|can you do)\b|\bcan you do\b|^help\b", re.I)
THANKS = re.compile(r"^(thanks|thank you|thx|danke|great|ok|okay|cool)\b", re.I)
LONG = re.compile(r"\blong (?:answer|text|story|article|essay)\b(?:.*?\b(?:about|on|of)\s+(.+?))?[.!?]*$", re.I)


def small_talk(talk: Talk) -> str | None:
    """An answer to what needs no tool; None when it is something else."""
    question = talk.question
    if match := LONG.search(question):
        return long_text((match[1] or "what I am").strip())
    if WHO.search(question):
        return f"{ABOUT} {REAL}\n\n{abilities(talk)}"
    if TOOLS.search(question):
        return abilities(talk)
    if HELLO.search(question):
        return f"Hello! {in_short(talk)}"
    if THANKS.search(question):
        return "You are welcome."
    return None


def abilities(talk: Talk) -> str:
    tools = talk.known
    if not tools:
        return f"I have no tools in this conversation. {_more(talk)}"
    lines = [f"- **{people_say(tool['name'])}**{_server(tool)}: {_first_line(tool)}" for tool in tools]
    return f"I can use {len(tools)} {'tool' if len(tools) == 1 else 'tools'}:\n\n" + "\n".join(lines)


def in_short(talk: Talk) -> str:
    if not talk.known:
        return abilities(talk)
    names = ", ".join(f"**{people_say(tool['name'])}**" for tool in talk.known)
    return f"I can use {names}. Ask «what tools do I have?» for more."


def no_tool(talk: Talk) -> str:
    return f"I found no tool for that. {in_short(talk)}" + (f"\n\n{_more(talk)}" if talk.known else "")


def _more(talk: Talk) -> str:
    """Members can connect tools; a guest gets those that the host chose."""
    return CONNECT if "Slack" in talk.task else "Try «write a long answer about tea» to see me write."


def _server(tool: Json) -> str:
    server, apart, _ = str(tool["name"]).partition("__")
    return f" ({server})" if apart else ""


def _first_line(tool: Json) -> str:
    line = next(iter(str(tool.get("description", "")).strip().splitlines()), "")
    return line if len(line) <= 140 else f"{line[:139]}…"


def incomplete(choice: Choice) -> str:
    needed = ", ".join(f"**{name}**" for name in choice.missing)
    tool = people_say(choice.name)
    return f"For **{tool}** I need {needed}. Say it after a colon, such as: «{tool}: …»."


def introduced(talk: Talk, words: str) -> str:
    """Once in a conversation it says what it is."""
    if talk.introduced or NAME in words:
        return words
    return f"{words}\n\n_{ABOUT}_"


def summary(talk: Talk) -> str:
    """Of a transcript: the person's own lines, for it understands nothing more."""
    said = [line.removeprefix("person: ") for line in talk.question.splitlines() if line.startswith("person: ")]
    return f"(Put together by the {NAME}.) The person said: " + "; ".join(said)[:1_500]


def long_text(topic: str) -> str:
    sections = "\n\n".join(_section(number, topic) for number in range(1, 7))
    closing = f"## The end\n\nThat was a long answer about {topic}. {ABOUT} {REAL}"
    return f"# A long answer about {topic}\n\nIt exists to be read, stopped or interrupted.\n\n{sections}\n\n{closing}"


def _section(number: int, topic: str) -> str:
    return f"""\
## Part {number}

{NOTHING_NEW.format(number=number, topic=topic)}

- The first point of part {number} is that lists arrive **one item at a time**.
- The second is that `code` and *emphasis* may be cut in the middle while they arrive.
- The third is that {topic} would deserve a better answer than this one.

```python
for word in part_{number}:
    print(word, end=" ")  # about sixty of them a second
```"""
