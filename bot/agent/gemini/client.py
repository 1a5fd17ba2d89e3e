"""One Gemini client for the process, opened late and closed for certain."""

import asyncio
import os
import re
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.request import getproxies

import aiohttp

if TYPE_CHECKING:
    from google.genai import Client


files_under_way: ContextVar[Mapping[str, str]] = ContextVar(
    "files of the request under way", default=MappingProxyType({})
)
"""What each word in it stands for, in base64."""


async def with_files(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """The request with its large files in their places. Its body is read from memory piece by piece as it is sent."""
    if files := files_under_way.get():
        told = request.body
        whole = await told.as_bytes() if isinstance(told, aiohttp.Payload) else bytes(told)
        await request.update_body(await asyncio.to_thread(_filled, whole, files))
    return await handler(request)


def _filled(body: bytes, files: Mapping[str, str]) -> BytesIO:
    filled, at = BytesIO(), 0
    for found in re.finditer(b"|".join(map(re.escape, (word.encode() for word in files))), body):
        filled.write(body[at : found.start()])
        filled.write(files[found[0].decode()].encode())
        at = found.end()
    filled.write(body[at:])
    filled.seek(0)
    return filled


def _is_led() -> bool:
    """The environment names a proxy, or keeps passwords: where it does neither, no request has to look, in a thread."""
    try:
        return bool(getproxies()) or Path(os.environ.get("NETRC") or "~/.netrc").expanduser().exists()
    except (OSError, RuntimeError):  # a home that cannot be read, or none
        return True


class Line:
    """The way to the model's API. ``base_url`` and ``api_version`` left out, the SDK's own variables decide."""

    def __init__(self, api_key: str, base_url: str | None, api_version: str | None) -> None:
        self._api_key = api_key
        self._base_url = base_url
        self._api_version = api_version
        self._session: aiohttp.ClientSession | None = None
        self._client: Client | None = None
        self._opening = asyncio.Lock()

    async def client(self) -> "Client":
        async with self._opening:
            if self._client is None:
                if self._session is None:  # what could not be made is tried again
                    # No cap on connections: every running turn holds one for as long as the model talks.
                    self._session = aiohttp.ClientSession(
                        connector=aiohttp.TCPConnector(limit=0), trust_env=_is_led(), middlewares=(with_files,)
                    )
                # Half a second and 20 MB: only a process that asks Gemini pays them, and not in its loop.
                self._client = await asyncio.to_thread(self._open, self._session)
        return self._client

    def _open(self, session: aiohttp.ClientSession) -> "Client":
        from google import genai
        from google.genai import types

        # One for all of the SDK's clients, each of which would make its own; by the machine's list, as Slack's.
        # Told where it is, OpenSSL says so when a list that the environment names is not there.
        file, folder = (os.environ.get(name) or None for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
        trusted = ssl.create_default_context(cafile=file, capath=folder)
        return genai.Client(
            api_key=self._api_key,
            enterprise=False,  # or GOOGLE_GENAI_USE_* would send us to another service
            http_options=types.HttpOptions(
                base_url=self._base_url,
                api_version=self._api_version,
                aiohttp_client=session,
                client_args={"verify": trusted},
                async_client_args={"verify": trusted, "ssl": trusted},
                retry_options=types.HttpRetryOptions(attempts=1),  # unset, it sleeps up to 10 s on its own
            ),
        )

    async def close(self) -> None:
        async with self._opening:
            client, session, self._client, self._session = self._client, self._session, None, None
        if client is not None:
            await client.aio.aclose()
            client.close()
        if session is not None:
            await session.close()
