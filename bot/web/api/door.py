"""Where programs come to the interface: made when one asks for the first time, since at most houses none ever does."""

import asyncio
from collections.abc import Iterator
from importlib import import_module
from typing import Any, NoReturn

from aiohttp import web

PREFIX = "/api/v1"


def hang(app: web.Application) -> None:
    app.router.register_resource(Door(app))


class Door(web.AbstractResource):
    """What aiohttp has for an app under a prefix, but that the app comes late: it is a tenth of a second of a start."""

    canonical = PREFIX

    def __init__(self, app: web.Application) -> None:
        super().__init__()
        self._app = app
        self._behind: web.PrefixedSubAppResource | None = None
        self._making = asyncio.Lock()

    async def resolve(self, request: web.Request) -> tuple[web.UrlMappingMatchInfo | None, set[str]]:
        """Asked for what is under its `canonical` alone."""
        async with self._making:
            if self._behind is None:
                routes = await asyncio.to_thread(import_module, "bot.web.api.routes")
                self._behind = web.PrefixedSubAppResource(PREFIX, routes.made(self._app))
        return await self._behind.resolve(request)

    def raw_match(self, path: str) -> bool:
        return False

    def get_info(self) -> Any:
        return {"prefix": PREFIX}

    def add_prefix(self, prefix: str) -> NoReturn:
        raise NotImplementedError("it hangs where clients look for it")

    def url_for(self, **parts: str) -> NoReturn:
        raise NotImplementedError("each operation has an address of its own")

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[web.AbstractRoute]:
        return iter(())
