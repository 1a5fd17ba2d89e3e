"""Does a server's form ask for a password or key? Read as a person would read it, whatever letters it is written in."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from mcp_runtime.tools.asking.form_members import alternatives, kinds
from mcp_runtime.tools.untrusted_text import read_alike, visible

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
# With a word for giving, all that stands in the same breath is warned of: «do NOT enter your phone number, pin, …».
_GIVING = r"\b(?:enter|type|give|provide|paste|send|supply|submit|input|fill in|put|share|write)\b"
_WARNED_OF = re.compile(
    rf"\b(?:not|never|don['’]t)\s+{_GIVING}(?:(?!{_GIVING}|\b(?:but|only|just)\b)[^.;:!?()\n])*", re.IGNORECASE
)
# A message may speak of a token («Type the name of the token to revoke»): only who asks for its value is refused.
_ABOUT = r"(?:names?|ids?|identifiers?|labels?|titles?|scopes?|kinds?|types?|policy|policies)"
_OTHERWISE = rf"(?:{_ABOUT}|why|whether|if|when|reasons?|how|which|for|to|before|after|until)"
_ASKED_FOR = re.compile(
    r"\b(?:enter|type|give|provide|paste|send|supply|submit|input|fill in|what is|what['’]s)\b"
    rf"(?:\W+(?!{_OTHERWISE}\b)\w+){{0,5}}?\W+{_WORD_FOR_ONE}(?!\W+{_ABOUT}\b)",
    re.IGNORECASE,
)
_LETTERS_APART = re.compile(r"\b[^\W_](?:\W{1,3}[^\W_]\b){3,}")


def secretive_field(members: Mapping[str, Any]) -> str | None:
    """The name of the first field that asks for one."""
    return next((str(name) for name, each in members.items() if _asks(str(name), each)), None)


def asks_in_words(message: str, members: Mapping[str, Any]) -> bool:
    """The message asks for it, and there is a field in which anything can be written."""
    if not any(_takes_text(each) for each in members.values()):
        return False
    return any(_ASKED_FOR.search(_without_warnings(each)) for each in _readings(message))


def _asks(name: str, member: Mapping[str, Any]) -> bool:
    # What is to be chosen from is no secret, whatever it is called.
    typed = [each for each in alternatives(member) if isinstance(each, Mapping) and "const" not in each]
    return any(_is_called_secret(name, each) for each in (member, *typed))


def _is_called_secret(name: str, member: Mapping[str, Any]) -> bool:
    if member.get("format") == "password":
        return True
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)
    about = member.get("description")
    warned = [_without_warnings(each) for each in _readings(about)] if isinstance(about, str) else []
    title = member.get("title")
    told = [name, words, *([title] if isinstance(title, str) else [])]
    return any(_SECRETIVE.search(each) for each in [*warned, *(r for each in told for r in _readings(each))])


def _without_warnings(text: str) -> str:
    return _WARNED.sub(" ", _WARNED_OF.sub(" ", text))


def _takes_text(member: Mapping[str, Any]) -> bool:
    if "const" in member or "enum" in member:
        return False
    options = [each for each in alternatives(member) if isinstance(each, Mapping)]
    return any(map(_takes_text, options)) if options else "string" in kinds(member)


def _readings(text: str) -> Iterator[str]:
    """As it is shown, and with what only looks like our letters read as them."""
    shown = unicodedata.normalize("NFKC", visible(text))
    yield shown
    if not shown.isascii():
        yield read_alike(shown)
    if apart := _LETTERS_APART.findall(shown):  # «p a s s w o r d»
        yield " ".join(re.sub(r"\W+", "", each) for each in apart)
