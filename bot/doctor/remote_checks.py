"""What Usher needs of others: Slack, the model, a public address."""

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientError, ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor.finding import Finding, bad, ok, warn
from bot.settings import Settings
from bot.slack.edge.client import web_client
from bot.slack.edge.errors import SlackRefused
from bot.slack.edge.token_check import check_app_token, check_bot_token


async def slack(settings: Settings, session: ClientSession, needed: frozenset[str]) -> AsyncIterator[Finding]:
    client = web_client(settings.slack_bot_token.get_secret_value(), session, settings.slack_api_url)
    try:
        who = await check_bot_token(client)
    except SlackRefused as refused:
        yield bad("Slack", *_split(refused))
        return
    yield ok("Slack", f"SLACK_BOT_TOKEN is good: workspace “{who.team_name}”")
    yield await _scopes(client, needed)
    if settings.slack_app_token:
        try:
            await check_app_token(client, settings.slack_app_token.get_secret_value())
            yield ok("Socket Mode", "SLACK_APP_TOKEN is good")
        except SlackRefused as refused:
            yield bad("Socket Mode", *_split(refused))
    if settings.slack_signing_secret:
        yield ok("HTTP mode", f"takes events at {settings.public_base_url or 'PUBLIC_BASE_URL'}/slack/events")
    if settings.slack_client_id:
        yield warn("many", "SLACK_CLIENT_ID is set: this version serves the one workspace of its bot token", "unset it")


async def _scopes(client: AsyncWebClient, needed: frozenset[str]) -> Finding:
    headers: dict[str, Any] = {name.lower(): value for name, value in (await client.auth_test()).headers.items()}
    granted = {scope.strip() for scope in str(headers.get("x-oauth-scopes", "")).split(",")}
    if missing := sorted(needed - granted):
        cure = "add them under “OAuth & Permissions” of your Slack app, then reinstall it"
        return bad("scopes", f"missing: {', '.join(missing)}", cure)
    return ok("scopes", f"all {len(needed)} are granted")


async def model(settings: Settings) -> Finding:
    from google import genai
    from google.genai import errors, types

    options = types.HttpOptions(base_url=settings.google_gemini_base_url, api_version=settings.google_genai_api_version)
    client = genai.Client(api_key=settings.gemini_api_key.get_secret_value(), enterprise=False, http_options=options)
    missing = []
    try:
        for name in (settings.gemini_model, settings.gemini_fallback_model):
            try:
                await client.aio.models.get(model=name)
            except errors.ClientError as error:
                if error.code != 404:
                    return bad(
                        "model", f"Gemini refuses GEMINI_API_KEY ({error.code})", "make a key in Google AI Studio"
                    )
                missing.append(name)
    except (errors.APIError, ClientError, TimeoutError, OSError) as error:
        return bad(
            "model", f"Gemini does not answer ({type(error).__name__})", "check the network and its proxy settings"
        )
    finally:
        await client.aio.aclose()
        client.close()
    return _lineup(settings, missing)


def _lineup(settings: Settings, missing: list[str]) -> Finding:
    if settings.gemini_model not in missing:
        return ok("model", f"{settings.gemini_model} answers")
    if settings.gemini_fallback_model in missing:
        return bad("model", f"neither {' nor '.join(missing)} is there", "set GEMINI_MODEL to one that is")
    found = f"{settings.gemini_model} is gone; {settings.gemini_fallback_model} is taken"
    return warn("model", found, f"set GEMINI_MODEL={settings.gemini_fallback_model}")


async def public_url(settings: Settings, session: ClientSession) -> Finding:
    base = settings.public_base_url
    if base is None:
        found = "PUBLIC_BASE_URL is not set: chat links open on this machine only, and secrets are typed into Slack"
        return warn("public URL", found, "set it to the https address of this server")
    try:
        async with session.get(f"{base.rstrip('/')}/healthz") as answer:
            if answer.status == 200:
                return ok("public URL", f"{base} reaches Usher")
            found = f"{base} answers {answer.status}"
    except (ClientError, TimeoutError, OSError) as error:
        found = f"{base} does not answer ({type(error).__name__})"
    return warn("public URL", found, "is Usher running, and does the proxy pass everything to HOST:PORT?")


def _split(refused: SlackRefused) -> tuple[str, str]:
    found, _, cure = str(refused).partition(". ")
    return found, cure
