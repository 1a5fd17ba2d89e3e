"""The model, asked one question that costs nothing: how many tokens a word has."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from aiohttp import ClientError

from bot.agent.gemini.client import Line
from bot.agent.gemini.errors import Refused
from bot.agent.gemini.known_models import KnownModels, card_of, overdue, utc_today
from bot.agent.gemini.stream import refused
from bot.doctor.finding import Finding, bad, ok, warn
from bot.doctor.variables import known
from bot.settings import Settings

if TYPE_CHECKING:
    from google.genai import Client

WITHIN = 10.0
GONE = 404
DOES_NOT_COUNT = (GONE, 405, 501)
"""Or it is gone: what stands in for Gemini may not know the question."""
BUSY = 429
NEW_KEY = "make a key in Google AI Studio, https://aistudio.google.com/apikey"
ELSEWHERE = "location is not supported"


async def model(settings: Settings, today: Callable[[], date] = utc_today) -> list[Finding]:
    name = KnownModels([settings.gemini_model, settings.gemini_fallback_model], today).current.name
    version, base = settings.google_genai_api_version, settings.google_gemini_base_url
    line = Line(settings.gemini_api_key.get_secret_value(), base, version)
    try:
        async with asyncio.timeout(WITHIN):
            client = await line.client()
            first = await _asked(client, name)
            gone = first is not None and first.code == GONE
            second = await _asked(client, settings.gemini_fallback_model) if gone else None
    except (ClientError, TimeoutError, OSError) as error:
        found = f"Gemini does not answer ({type(error).__name__})"
        return [bad("model", found, "check the network and its proxy settings, HTTPS_PROXY")]
    finally:
        await line.close()
    if first is None:
        return [_answers(settings, name, today())]
    return [_told(name, settings.gemini_fallback_model, first, second)]


async def key_refused(key: str) -> str:
    """Why the model takes no such key, and the cure; empty when it does, or says nothing of the key."""
    [found] = await model(known({**known().given, "GEMINI_API_KEY": key}).settings)
    return f"{found.found}: {found.cure}" if found.cure == NEW_KEY else ""


async def _asked(client: "Client", name: str) -> Refused | None:
    """None: it answers."""
    from google.genai.errors import APIError

    try:
        await client.aio.models.count_tokens(model=name, contents="hello")
    except APIError as error:
        if error.code not in DOES_NOT_COUNT:
            return refused(error)
        try:
            await client.aio.models.get(model=name)
        except APIError as again:
            return refused(again)
    return None


def _answers(settings: Settings, name: str, today: date) -> Finding:
    """Also when it will not any more: a model that was set has to be changed by hand, the default follows."""
    is_set, other = "gemini_model" in settings.model_fields_set, settings.gemini_fallback_model
    told = overdue(settings.gemini_model, other, today)
    if is_set and told:
        return warn("model", told, f"set GEMINI_MODEL={name}, or leave it unset")
    ends = card_of(name).ends
    if ends is None:
        return ok("model", f"{name} answers")
    if is_set:
        cure = f"set GEMINI_MODEL={other} by then, or leave it unset"
        return warn("model", f"{name} answers, and is shut down on {ends}", cure)
    return ok("model", f"{name} answers; it is shut down on {ends}, and {other} follows by itself")


def _told(name: str, other: str, first: Refused, second: Refused | None) -> Finding:
    if first.code != GONE:
        return _refusal(first)
    if second is None:
        return warn("model", f"{name} is gone; {other} is taken", f"set GEMINI_MODEL={other}")
    if second.code == GONE:
        return bad("model", f"neither {name} nor {other} is there", "set GEMINI_MODEL to one that is")
    return _refusal(second)


def _refusal(said: Refused) -> Finding:
    if said.bad_key:
        return bad("model", f"Gemini refuses GEMINI_API_KEY ({said.code})", NEW_KEY)
    if ELSEWHERE in said.message.lower():
        return bad("model", "Gemini does not serve the country of this machine", "run Usher where it does")
    if said.spent_for_today:
        return bad(
            "model", "the key's quota for today is used up", "wait for tomorrow, or raise it in Google AI Studio"
        )
    if said.code == BUSY:
        return warn("model", "the key is good and asked too often just now (429)", "ask again in a minute")
    if said.code >= 500:
        return warn("model", f"Gemini has troubles of its own ({said.code})", "ask again in a minute")
    return bad("model", f"Gemini refuses the question ({said.code} {said.status})", "check GEMINI_MODEL and the key")
