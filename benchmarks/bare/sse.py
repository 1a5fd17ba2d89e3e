"""Event streams by aiohttp and nothing else: a queue for each, or tokens at a steady pace."""

import asyncio
import sys

from aiohttp import web

from benchmarks.streaming.metronome import beats

HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}


async def idle(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    await response.write(b"event: hello\ndata: {}\n\n")
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    while True:
        await response.write(await queue.get())


async def answer(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    async for word in beats(int(request.query["tokens"])):
        await response.write(f'event: delta\ndata: {{"text":"{word}"}}\n\n'.encode())
    await response.write(b'event: status\ndata: {"state":"done"}\n\n')
    return response


async def alive(_: web.Request) -> web.Response:
    return web.Response(text="ok")


async def main(port: int) -> None:
    app = web.Application()
    app.add_routes([web.get("/idle", idle), web.get("/answer", answer), web.get("/healthz", alive)])
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=4096).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
