"""TLS before a running house, as a proxy would have it; what it passes on says whose browser it comes from."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

NOT_PASSED_ON = {"content-encoding", "transfer-encoding", "content-length", "connection", "date", "server"}


@dataclass
class Front:
    port: int = 0
    cookies: dict[str, str] = field(default_factory=dict)
    """What the browser that comes is taken to hold."""

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


@asynccontextmanager
async def tls_front(inside: str, port: int, context: ssl.SSLContext) -> AsyncIterator[Front]:
    front = Front(port)
    async with aiohttp.ClientSession(inside, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def passed_on(request: web.Request) -> web.Response:
            headers = {"Accept": request.headers.get("Accept", "*/*")}
            if front.cookies:
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in front.cookies.items())
            async with session.request(request.method, request.path_qs, headers=headers, allow_redirects=False) as got:
                kept = [each for each in got.headers.items() if each[0].lower() not in NOT_PASSED_ON]
                answer = web.Response(status=got.status, body=await got.read(), headers=CIMultiDict(kept))
                return answer

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", passed_on)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()
            yield front
        finally:
            await runner.cleanup()
