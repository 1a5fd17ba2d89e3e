"""Strangers' texts, made fit to be shown: nothing hidden, nothing turned round, nothing endless."""

import re
import unicodedata
from typing import Any

# What Unicode calls default-ignorable: no font draws it, and a model reads it. Bidi marks turn round what is drawn;
# tags (U+E0000 on) and runs of variation selectors have carried whole hidden texts. Controls and private signs as well.
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_HIDING = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff{_IGNORABLE}]")
# What is kept because it is seen, or written by everybody: one joiner between emoji (families, professions), one
# selector behind a sign or digit (the coloured heart, keycaps) or behind a Han character (names), one joiner or
# non-joiner between letters of the scripts that need them (Persian, those of India, Khmer), and the three flags made of
# tags. A single one in such a place says nothing of its own; a run of them could, and goes.
_EMOJI = "\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff"
_JOINED = "\u0600-\u08ff\u0900-\u0dff\u0e00-\u109f\u1780-\u17ff\u1800-\u18af\ua840-\ua87f\ua8e0-\ua8ff\uaa60-\uaa7f"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_GRACED = re.compile(
    rf"(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])"
    rf"|(?<=[{_EMOJI}0-9#*])[\ufe0e\ufe0f](?![\ufe00-\ufe0f])"
    rf"|(?<=[{_JOINED}])[\u200c\u200d](?=[{_JOINED}])"
    rf"|(?<=[{_HAN}])[\ufe00-\ufe0f\U000e0100-\U000e01ef](?![\ufe00-\ufe0f\U000e0100-\U000e01ef])"
    "|(?<=\U0001f3f4)\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c"
    "\U000e0073)\U000e007f"
)
# What looks like a letter of ours in the two alphabets that have most of these.
_LOOKS_LIKE = str.maketrans("аеорсухіѕјԁԛԝһкοαρτνικυ", "aeopcyxisjdqwhkoaptvikv")
_UNSEEN = {"Cc", "Cf", "Co", "Cs"}
_MARKS = str.maketrans('[]“”„"', "()‘’‘'")
LOOKED_AT = 4000
"""Characters of a text of which a few are shown."""
MAX_TITLE, MAX_DESCRIPTION, MAX_INSTRUCTIONS = 80, 4000, 4000


def visible(text: str) -> str:
    """The text without what cannot be seen."""
    if _HIDING.search(text) is None:
        return text
    kept, done = [], 0
    for graced in _GRACED.finditer(text):
        kept += [_HIDING.sub("", text[done : graced.start()]), graced[0]]
        done = graced.end()
    return "".join([*kept, _HIDING.sub("", text[done:])])


def read_alike(text: str) -> str:
    """What a person reads, whatever letters it is written in: two texts with the same one look alike."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_LOOKS_LIKE).strip()


def all_visible(value: Any) -> Any:
    """The same for every text in a JSON value, the names of its members too."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [all_visible(each) for each in value]
    if isinstance(value, dict):
        return {all_visible(name): all_visible(each) for name, each in value.items()}
    return value


def hides(character: str) -> bool:
    """It cannot be seen, and may hide or turn round what can."""
    return unicodedata.category(character) in _UNSEEN or _HIDING.match(character) is not None


def clipped(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def shown(text: str, limit: int) -> str:
    """`visible` and `clipped`, of as much as is needed for it: to clean megabytes would stop everybody."""
    most = _looked_at(limit)
    return clipped(visible(text[:most]).strip() + "…" * (len(text) > most), limit)


def one_line(text: str, limit: int = MAX_TITLE) -> str:
    return clipped(re.sub(r"\s+", " ", visible(text[: _looked_at(limit)])).strip(), limit)


def _looked_at(limit: int) -> int:
    return max(LOOKED_AT, 4 * limit)


def quotable(text: str, limit: int = MAX_TITLE) -> str:
    """On one line, without what would close the quotes or brackets that a model is given it in."""
    return one_line(text.translate(_MARKS), limit)


def described(schema: Any) -> Any:
    """A JSON schema whose titles and descriptions are `visible`; all else is as the server gave it."""
    if isinstance(schema, list):
        return [described(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: visible(value) if key in ("title", "description") and isinstance(value, str) else described(value)
        for key, value in schema.items()
    }
