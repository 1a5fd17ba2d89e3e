"""Files that are not read: each named, with the reason, and what is taken instead."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.words import Value
from mcp_runtime.tools.untrusted_text import quotable

MOST_MEGABYTES = 20
"""Of a file as it is sent; pictures become smaller by being made anew."""
AT_ONCE = 10
TAKEN = (
    f"I read texts, CSV and code, PDF, pictures (PNG, JPEG, WebP, GIF) and Office files (DOCX, XLSX, PPTX), up to"
    f" {MOST_MEGABYTES} MB each."
)
REASONS = {
    "file_mismatch": "it is of no kind that I can read",
    "file_encoding": "it is of no kind that I can read, or a text that is not saved as UTF-8",
    "file_empty": "it is empty; send another one",
    "file_broken": "it could not be opened: it may be damaged, or hold too much; save it anew and send that",
    "file_locked": "it is locked with a password; save it without one",
    "file_pages": "it has {has} pages and I read {most} at most; send the pages that matter",
    "file_pixels": "it has more than {most} million pixels; make it smaller",
    "file_size": "it is larger than {most} MB; send a smaller one, or a part of it",
    "together": "the files before it are as much as I can look at at once; send it with a message of its own",
    "many": "I look at {most} files of a message; send it with another one",
    "gone": "it is not in Slack any more, or not shown to me; send it again",
    "outside": "it is kept outside of Slack, where I cannot reach it; download it and send the file itself",
    "scope": "this app may not read files here yet, which the administrators have been told; send its words as text",
    "busy": "it could not be looked into just now; please send it again",
    "away": "Slack did not hand it over in time; please send it again",
}
TO_MODEL = "[A file came with this message that you cannot see: “{name}”, since {why}. The member has been told so.]"
ABOVE = "[A file of this thread that you cannot see: “{name}”, since {why}.]"


@dataclass(frozen=True)
class Declined:
    name: str
    code: str
    values: dict[str, Value] = field(default_factory=dict)
    above: bool = False
    """It came with what was said before in the thread: the model alone is told."""

    @property
    def why(self) -> str:
        return REASONS[self.code].format(**self.values)


def told(declined: Sequence[Declined]) -> str:
    """For the one who sent them."""
    lines = [f"I could not read “{quotable(each.name)}”: {each.why}." for each in declined]
    return " ".join([*lines, TAKEN])


def to_model(declined: Sequence[Declined]) -> str:
    return "\n".join(
        (ABOVE if each.above else TO_MODEL).format(name=quotable(each.name), why=each.why) for each in declined
    )
