"""In which language a request is answered."""

from aiohttp import web

from bot import words
from bot.words import Words

_CHOSEN = web.RequestKey("language", str)
_OF_MEMBERS = ("/connect/", "/oauth/", "/transcripts/")
"""Pages for members are in English, as all that Usher says in Slack is."""


def choose(request: web.Request, language: str) -> None:
    """As the link's creator wants it; empty: as the browser does."""
    if language:
        request[_CHOSEN] = language


def spoken(request: web.Request) -> Words:
    if request.path.startswith(_OF_MEMBERS):
        return words.of("en")
    return words.of(request[_CHOSEN]) if _CHOSEN in request else asked_for(request)


def asked_for(request: web.Request) -> Words:
    """By the browser alone, whatever the link says: for answers that must not tell whether there is one."""
    return words.of(words.accepted(request.headers.get("Accept-Language", "")))
