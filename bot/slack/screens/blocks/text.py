"""Text on its way into Slack and out of it."""

import re
from datetime import datetime

from mcp_runtime.tools.untrusted_text import visible

_MARKUP = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_SCHEME = re.compile(r"(?:mailto:|tel:|https?://)")
# What Slack would read as a mark: also an underscore at the edge of a word, a colon that begins an emoji, a quote.
_MARKS = re.compile(r"[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=[\w+'-]+:)|^[ \t]*>+", re.M)
_UNMARKED = {"*": "∗", "_": "ˍ", "~": "∼", "`": "'", ":": "꞉"}


def escaped(text: str) -> str:
    """Safe from any tool, person or model: no mention, no channel-wide call, no disguised link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def clipped(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def one_line(text: str, limit: int) -> str:
    return clipped(" ".join(text.split()), limit)


def unmarked(text: str) -> str:
    """Others' words for mrkdwn, line by line as they are: neither markup nor bold, code, quote or emoji.

    What cannot be seen goes first: it turns a line round, or stands between two signs that are a mark together.

    A name such as «my_table» stays as it is: inside a word an underscore marks nothing.
    """
    return escaped(_MARKS.sub(lambda found: _UNMARKED.get(found[0], "›"), visible(text)))


def safe(text: str, limit: int) -> str:
    """The same on one line, clipped before it is escaped, so that no entity is cut in two."""
    return unmarked(one_line(visible(text), limit))


def said(text: str, bot: str = "") -> str:
    """What a person meant by a message: without the bot's own name at either end, Slack's brackets, and entities."""
    if bot:
        own = rf"<@{re.escape(bot)}(?:\|[^<>]*)?>"
        text = re.sub(rf"^\s*{own}[\s:,]*|\s*{own}\s*$", "", text)
        text = re.sub(own, "@Usher", text)
    return unescaped(_MARKUP.sub(lambda found: _unpacked(found[1], found[2] or ""), text)).strip()


def _unpacked(target: str, label: str) -> str:
    """As it looks in Slack; a link that is called otherwise keeps its address."""
    if target.startswith("!date^"):
        return label or "a date"
    if target[0] in "@#!":
        name = label or target[1:].removeprefix("subteam^")
        return ("#" if target[0] == "#" else "@") + name.lstrip("@#")
    bare = _SCHEME.sub("", target, count=1)
    if target.startswith(("mailto:", "tel:")):
        return bare if label in ("", bare) else f"{label} ({bare})" if target.startswith("mailto:") else label
    return target if label in ("", target) else label if label == bare.rstrip("/") else f"{label} ({target})"


def when(moment: datetime) -> str:
    """A time that Slack shows in the reader's own zone."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{moment:%d %b %H:%M} UTC>"


def day(moment: datetime) -> str:
    """A moment's day, as each reader's Slack writes it."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}}|{moment:%Y-%m-%d}>"


def seconds_told(seconds: float) -> str:
    """«0.4 s», «12 s», «2 min 5 s»."""
    if seconds < 10:
        return f"{max(seconds, 0.1):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def count(number: int, noun: str) -> str:
    """«1 tool», «4 tools», «1,200 tools»."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def apart(name: str) -> str:
    """«bashScript» as «bash Script»."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def words_of(name: str) -> set[str]:
    """The plain words of a name, however they are joined."""
    return {word.casefold() for word in re.findall(r"[A-Za-z0-9]+", apart(name))}
