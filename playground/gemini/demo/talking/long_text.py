"""A long text on request: something to stream, to stop and to interrupt."""

import re

from playground.gemini.demo.hearing.vocabulary import words

LONG = re.compile(
    r"\b(?:long|lengthy|very detailed) (?:answer|text|story|article|essay|reply"
    r"|report)\b(?:.*?\b(?:about|on|of)\s+(.+?))?[.!?]*$",
    re.IGNORECASE,
)
NOTHING_NEW = (
    "This is part {number} of 6. It says nothing new about {topic}, because I know nothing about {topic}; it is here so"
    " that there is something to stream, word by word, at the speed at which a real model writes. You can stop it at"
    " any time, and what was written so far stays. You can also close the page and open it again: nothing is lost."
)


def long_text(text: str) -> str | None:
    match = LONG.search(text)
    if not match or "not" in words(text):
        return None
    topic = (match[1] or "nothing in particular").strip()[:80]
    sections = "\n\n".join(_section(number, topic) for number in range(1, 7))
    return (
        f"# A long answer about {topic}\n\nIt exists to be read, stopped or"
        f" interrupted.\n\n{sections}\n\n## The end\n\nThat was a long answer about {topic}."
    )


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
