"""What a server asks of a person in the middle of a call, as far as it may, and what comes back."""

import asyncio
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from mcp_runtime.tools.untrusted_text import visible

LONGEST_MESSAGE = 2000
MOST_FIELDS = 20
LONGEST_SCHEMA = 30_000
"""Characters of its JSON."""
PLAIN_KINDS = ("string", "number", "integer", "boolean")

Action = Literal["accept", "decline", "cancel"]


@dataclass(frozen=True)
class Hold:
    """The call waits while something is done on a page: until ``done``, as the server says, and no longer than this."""

    seconds: float
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class ElicitationRequest:
    """``message``, ``schema`` and ``url`` are a stranger's; a form has a schema, else there is a page to open."""

    server: str
    connection_id: str
    tool: str
    """Empty where it may be another call of this server that asks."""
    message: str
    schema: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    number: str = ""
    """The server's own for a page, by which it tells that all is done there."""
    hold: Hold | None = None
    """For a page after which it is we who go on; None where the server itself waits for what is done there."""


@dataclass(frozen=True)
class ElicitationReply:
    action: Action
    content: dict[str, Any] | None = field(default=None, repr=False)


DECLINED = ElicitationReply("decline")


class Asker(Protocol):
    """Reaches the person for whom a call is made."""

    @property
    def private(self) -> bool:
        """Nobody else reads what they are asked."""

    async def ask(self, request: ElicitationRequest) -> ElicitationReply:
        """Within some minutes; what nobody answers by then is cancelled.

        With a hold it takes as long as that too: the person may say themselves that all is done on the page.
        """

    async def completed(self, connection_id: str, number: str) -> None:
        """The server says that what it wanted to be done on its page is done."""


# A form is read as a person would read it, whatever letters it is written in.
_WORD_FOR_ONE = (
    r"(?:pass(?:words?|wds?|phrases?|codes?)|\bpwd\b|secrets?|credentials?|(?:private|api|access)[\s_-]?keys?"
    r"|(?:access|auth|bearer|refresh|api|session|personal)[\s_-]?tokens?|\btoken\b|\b(?:cvv|cvc|otp|ssn|pin)\b"
    r"|card[\s_-]?numbers?|\bapikey\b|passw(?:o|ö)rt|kennwort|mot de passe|contrase[nñ]a|\bsenha\b|wachtwoord"
    r"|has[lł]o\b|пароль|密码|密碼|パスワード|비밀번호)"
)
_SECRETIVE = re.compile(_WORD_FOR_ONE, re.IGNORECASE)
# «Do not enter your PIN or password here». The «not» has to stand right before: «it is not stored» warns of nothing.
_AND = r"(?:\s*(?:,|/|\bor\b|\band\b|\bnor\b)\s*)*"
_WARNED = re.compile(
    rf"\b(?:not|never|don['’]t|no|without)\s+(?:\w+\s+){{0,4}}?{_WORD_FOR_ONE}{_AND}"
    rf"(?:(?:\w+\s+){{0,2}}?{_WORD_FOR_ONE}{_AND})*",
    re.IGNORECASE,
)
# A message may speak of a token («Type the name of the token to revoke»): only who asks for its value is refused.
_ABOUT = r"(?:names?|ids?|identifiers?|labels?|titles?|scopes?|kinds?|types?|policy|policies)"
_OTHERWISE = rf"(?:{_ABOUT}|why|whether|if|when|reasons?|how|which|for|to|before|after|until)"
_ASKED_FOR = re.compile(
    r"\b(?:enter|type|give|provide|paste|send|supply|submit|input|fill in|what is|what['’]s)\b"
    rf"(?:\W+(?!{_OTHERWISE}\b)\w+){{0,5}}?\W+{_WORD_FOR_ONE}(?!\W+{_ABOUT}\b)",
    re.IGNORECASE,
)
# What looks like a letter of ours in the two alphabets that have most of these.
_LOOKS_LIKE = str.maketrans("аеорсухіѕјԁԛԝһкοαρτνικυ", "aeopcyxisjdqwhkoaptvikv")

TOO_PRIVATE = (
    "It asked for what looks like a password or key ({}). Usher puts none into a form: the question was declined."
)
TOO_LARGE = "It asked for more than a form can hold, so the question was declined."
NOT_FLAT = "It asked in a form that Usher cannot show, so the question was declined."
NO_PAGE = "It wanted a page to be opened whose address Usher does not show to anybody, so it was declined."


def unfit(request: ElicitationRequest) -> str:
    """Why nobody is asked this, in a sentence for the model; empty when somebody may be."""
    return _unfit_page(request.url) if request.url else _unfit_form(request.message, request.schema)


def _unfit_form(message: str, schema: Mapping[str, Any]) -> str:
    """Only what is flat: a stranger's schema may be anything."""
    members = schema.get("properties", {})
    if schema.get("type", "object") != "object" or not isinstance(members, Mapping):
        return NOT_FLAT
    if len(members) > MOST_FIELDS or len(str(schema)) > LONGEST_SCHEMA:
        return TOO_LARGE
    if not all(isinstance(each, Mapping) and _is_flat(each) for each in members.values()):
        return NOT_FLAT
    secretive = _secretive_field(members)
    if secretive is not None:
        return TOO_PRIVATE.format(re.sub(r"[^\w -]", "", secretive)[:60])
    return TOO_PRIVATE.format("in its message") if _asks_in_words(message, members) else ""


def _is_flat(member: Mapping[str, Any]) -> bool:
    if member.get("type") == "array":
        items = member.get("items")
        return isinstance(items, Mapping) and any(word in items for word in ("enum", "anyOf", "oneOf"))
    return member.get("type") in PLAIN_KINDS


def _secretive_field(members: Mapping[str, Any]) -> str | None:
    """The name of the first field that asks for one."""
    return next((str(name) for name, each in members.items() if _asks(str(name), each)), None)


def _asks_in_words(message: str, members: Mapping[str, Any]) -> bool:
    """The message asks for it, and there is a field in which anything can be written."""
    if not any(_takes_text(each) for each in members.values()):
        return False
    return any(_ASKED_FOR.search(_WARNED.sub(" ", each)) for each in _readings(message))


def _asks(name: str, member: Mapping[str, Any]) -> bool:
    if member.get("format") == "password":
        return True
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)
    about = member.get("description")
    warned = [_WARNED.sub(" ", each) for each in _readings(about)] if isinstance(about, str) else []
    title = member.get("title")
    told = [name, words, *([title] if isinstance(title, str) else [])]
    return any(_SECRETIVE.search(each) for each in [*warned, *(r for each in told for r in _readings(each))])


def _takes_text(member: Mapping[str, Any]) -> bool:
    return member.get("type") == "string" and not any(word in member for word in ("enum", "oneOf", "anyOf", "const"))


def _readings(text: str) -> Iterator[str]:
    """As it is shown, and with what only looks like our letters read as them."""
    shown = unicodedata.normalize("NFKC", visible(text))
    yield shown
    if not shown.isascii():
        yield shown.casefold().translate(_LOOKS_LIKE)


def _unfit_page(url: str) -> str:
    """A server may name `javascript:`, or a host that only looks like another one's; it is opened by a person."""
    try:
        parts = urlsplit(url)
        host, plain = parts.hostname or "", url.isascii() and url.isprintable() and not set(url) & set(" \\")
        named = parts.username is None and parts.password is None
    except ValueError:
        return NO_PAGE
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in ("127.0.0.1", "localhost", "::1"))
    return "" if secure and host and plain and named and len(url) <= 3000 else NO_PAGE


def host_of(url: str) -> str:
    """With its port, as it is shown beside the button that opens it."""
    return urlsplit(url).netloc
