"""What no answer may have, whatever was asked: the marks of a machine that speaks to a person."""

import re

from playground.gemini.demo.conversation import NAME

LONGEST = 900  # characters
MARKS = {
    "a brace or a bracket": r"[{}\[\]]",
    "a tool's raw name": r"\b[a-z]+_[a-z]\w*",
    "a value of a program": r"\b(?:None|null|True|False|undefined|NaN)\b",
    "a machine's time": r"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}:\d{2}|\+\d{2}:\d{2}",
    "words meant for the model": r"(?i)do not make one up|you do not know it|not instructions|untrusted|happened: look",
    "a server's wrapping": r"(?i)error executing|the tool of|and says:",
    "a doubled mark": r"(?<!\.)\.\.(?!\.)|\?”[.,]|[,;]\.|\?\.|  ",
    "an escaped character": r"&(?:lt|gt|amp);|\\n|\\u",
    "an empty bold": r"\*\*\s*\*\*",
}
ENDING = re.compile(r"[.!?…”]_?$")


def embarrassing(answer: str, *, longest: int = LONGEST) -> list[str]:
    """Complaints about one answer; code and what is quoted from others stand apart."""
    own = re.sub(r"`[^`\n]*`|^>.*$|(?<=“)[^”]*(?=”)", "x", answer, flags=re.MULTILINE)
    found = [mark for mark, pattern in MARKS.items() if re.search(pattern, own)]
    last = answer.strip().splitlines()[-1] if answer.strip() else ""
    if not ENDING.search(last) and not last.startswith(("- ", "> ")):
        found.append(f"no end: “{last[-40:]}”")
    if not 10 <= len(answer) <= longest:
        found.append(f"{len(answer)} characters")
    if answer.count("**") % 2:
        found.append("an unclosed bold")
    if not re.match(r"[\w¿¡“*>🙂#-]", answer) or answer[:1].islower():
        found.append(f"begins with “{answer[:10]}”")
    return found


def introductions(answers: list[str]) -> int:
    """How often it says unasked what it is; one who asks is answered each time."""
    return sum(len(re.findall(rf"^_.*{NAME}.*_$", answer, re.MULTILINE)) for answer in answers)


def introduced_first(answers: list[str]) -> bool:
    return NAME in answers[0]
