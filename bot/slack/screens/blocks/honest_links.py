"""The model's Markdown on its way into Slack, as it comes: escaped, and every link says where it leads.

A label can name a bank while the address is somebody else's, so the host is shown beside any label that differs. What
another reader might take for a link is taken apart: no `](` is left but in the links that are written here.
"""

import re
from urllib.parse import urlsplit

from bot.slack.screens.blocks.cut_places import closes
from bot.slack.screens.blocks.text import escaped, safe

LONGEST = 2_000
"""Characters that are waited for until a link is whole; a longer one is shown as it came."""

LONGEST_SOURCE = 500

_SPECIAL = re.compile(r"\\[!-/:-@\[-`{-~]|`+|~~~+|!?\[|<|\](?=\()|(?i:https?://)[^\s\[\]<>`]*|\n")
_UNDECIDED_END = re.compile(r"(?:[!\\\]]|(?i:\bh(?:t(?:t(?:p(?:s?(?::/?)?)?)?)?)?))$")
_LABEL = re.compile(r"!?\[((?:[^\[\]\\]|\\.|!?\[[^\[\]]*\](?:\([^()\s]*\))?)*)\]", re.DOTALL)
_TARGET = re.compile(
    r"""\(\s*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\([^\s()]*\))*))(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)"""
)
_ANGLED = re.compile(r"<((?i:https?://|mailto:)[^\s<>|]+)(?:\|([^<>\n]*))?>")
_ANGLED_SO_FAR = re.compile(r"<(?:[hm][^\n<>]*)?$", re.IGNORECASE)
_IMAGE = re.compile(r"!\[([^\[\]]*)\](?:\([^()\s]*\))?")
_MAIL = re.compile(r"mailto:([^\s@,;%?]+@[^\s@,;%?]+)", re.IGNORECASE)


class HonestText:
    """Takes the text in any pieces; `rest` gives what was waiting for more."""

    def __init__(self) -> None:
        self._waiting = ""
        self._line = ""  # of the text, as far as it was passed on
        self._fence = ""

    def add(self, text: str) -> str:
        self._waiting += text
        return self._taken(final=False)

    def rest(self) -> str:
        return self._taken(final=True)

    def _taken(self, *, final: bool) -> str:
        out: list[str] = []
        while self._waiting:
            found = None if self._fence else _SPECIAL.search(self._waiting)
            if self._fence:
                out.append(self._pass(self._waiting.find("\n") + 1 or len(self._waiting)))
            elif found is None:
                cut = None if final else _UNDECIDED_END.search(self._waiting)
                if cut and not cut.start():
                    break
                out.append(self._pass(cut.start() if cut else len(self._waiting)))
            elif found.start():
                out.append(self._pass(found.start()))
            elif (told := self._special(found[0], final)) is not None:
                out.append(told)
            else:
                break
        return "".join(out)

    def _pass(self, length: int) -> str:
        """Let it through as it is, but escaped."""
        text, self._waiting = self._waiting[:length], self._waiting[length:]
        return self._noted(text)

    def _noted(self, text: str) -> str:
        *lines, last = text.split("\n")
        for line in lines:
            self._line_ends(self._line + line)
            self._line = ""
        self._line += last
        return escaped(text)

    def _line_ends(self, line: str) -> None:
        if self._fence:
            self._fence = "" if closes(self._fence, line) else self._fence
        elif re.match(r" {0,3}(?:`{3,}[^`]*|~{3,}.*)$", line):
            self._fence = line

    def _instead(self, length: int, text: str) -> str:
        raw, self._waiting = self._waiting[:length], self._waiting[length:]
        self._noted(raw)
        return text

    def _special(self, mark: str, final: bool) -> str | None:
        """None while it is not clear yet what it is."""
        final = final or len(self._waiting) > LONGEST or "\n\n" in self._waiting
        if mark[0] in "`~":
            return self._code(mark, final)
        if mark in ("[", "!["):
            return self._link(mark, final)
        if mark == "<":
            return self._angled(final)
        if mark == "]":
            return self._instead(1, "] ")
        if mark[0] in "hH" and len(mark) == len(self._waiting) and not final:
            return None
        if mark[0] in "hH" and host_of(mark) is None:
            return self._instead(len(mark), _code(mark))
        return self._pass(len(mark))

    def _code(self, mark: str, final: bool) -> str | None:
        # Where Markdown may see no code, none is seen here: to take code for text only shows a host too many.
        if re.fullmatch(" {0,3}", self._line) and len(mark) >= 3:  # a fence, once its line is whole
            end = self._waiting.find("\n") + 1
            return self._pass(end or len(self._waiting)) if end or final else None
        if mark[0] == "~":
            return self._pass(len(mark))
        if len(mark) == len(self._waiting) and not final:
            return None
        line, ended, _ = self._waiting.partition("\n")  # over its end, the next line may begin something else
        closing = re.compile(rf"(?<!`){mark}(?!`)").search(line, len(mark))
        if closing:
            if closing.end() == len(self._waiting) and not final:
                return None  # more backticks may come
            return self._pass(closing.end())
        return self._pass(len(mark)) if final or ended else None

    def _link(self, mark: str, final: bool) -> str | None:
        label = _LABEL.match(self._waiting)
        if label is None:
            return self._instead(len(mark), "[") if final else None
        if "```" in label[1] or "~~~" in label[1]:  # a code block begins within it
            return self._instead(len(mark), "[")
        after = self._waiting[label.end() : label.end() + 1]
        if not after and not final:
            return None
        if after == ":" and mark == "[" and "[" not in label[1] and not self._line.strip():
            # The address of links elsewhere in the text: as plain words, nothing refers to it.
            return self._instead(label.end() + 1, escaped(label[1]) + ":")
        if after != "(":
            return self._instead(len(mark), "[")
        target = _TARGET.match(self._waiting, label.end())
        if target is None:
            return self._instead(len(mark), "[") if final or "\n" in self._waiting[label.end() :] else None
        return self._instead(target.end(), link(label[1], target[1] or target[2] or ""))

    def _angled(self, final: bool) -> str | None:
        if found := _ANGLED.match(self._waiting):
            told = link(found[2] or found[1], found[1]) if found[2] else _bare(found[1])
            return self._instead(found.end(), told)
        return None if not final and _ANGLED_SO_FAR.match(self._waiting) else self._pass(1)


def honest(text: str) -> str:
    """Of a text that is whole."""
    through = HonestText()
    return through.add(text) + through.rest()


def host_of(url: str) -> str | None:
    """Where it leads, in the letters that name servers know; None for what should be no link.

    A user name before the host, or a backslash, makes «https://bank.example@evil.example» read wrongly.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    odd = "@" in parts.netloc or "%" in parts.netloc or "\\" in url or not url.isprintable()
    return host + port if parts.scheme in ("http", "https") and host and not odd else None


def link(label: str, target: str) -> str:
    """Markdown that Slack reads as this link, its host in sight."""
    label = " ".join(_IMAGE.sub(r"\1", re.sub(r"\\([\[\]])", r"\1", label)).split())
    label = label.replace("](", "] (").replace("[", "(").replace("]", ")") or "link"
    mail = _MAIL.match(target)
    name = mail[1] if mail else host_of(target)
    if name is None:
        return f"{escaped(label)} ({_code(target)})" if target else escaped(label)
    plain = re.sub(r"[*_~`]", "", label).casefold()
    if re.sub(r"^https?://", "", plain).split("/")[0] != name.replace("_", "").casefold():
        label = f"{label} ({name})"
    address = target.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{escaped(label)}]({escaped(address)})"


def source(name: str, url: str) -> dict[str, str] | None:
    """For a task card: what it is called, and always the host that it leads to; None for what should be no link."""
    host = host_of(url)
    if host is None or len(url) > LONGEST_SOURCE:
        return None
    called = safe(name, 80)
    return {"type": "url", "url": url, "text": f"{called} ({host})" if called and called != host else host}


def _bare(url: str) -> str:
    mail = _MAIL.match(url)
    if mail:
        return escaped(mail[1])
    return escaped(url) if host_of(url) else _code(url)


def _code(text: str) -> str:
    return "`" + escaped(text.replace("`", "'")) + "`"
