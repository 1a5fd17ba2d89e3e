"""A small shop with a REST API and a GraphQL service, on loopback: it keeps what it was asked."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from graphql import build_schema, graphql_sync

TOKEN = "sh0p-token-of-the-test"
ITEM: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "price": {"$ref": "#/components/schemas/Price"}},
}
DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "/{version}", "variables": {"version": {"default": "v1"}}}],
    "paths": {
        "/items": {
            "get": {
                "operationId": "listItems",
                "summary": "What is sold",
                "parameters": [
                    {"name": "tag", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "cheap", "in": "query", "schema": {"type": "boolean"}},
                    {"$ref": "#/components/parameters/Language"},
                ],
            },
            "post": {
                "operationId": "addItem",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}},
                },
            },
        },
        "/items/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"operationId": "getItem"},
            "delete": {},
        },
        "/away": {"get": {"operationId": "goAway"}},
        "/status/{code}": {
            "get": {
                "operationId": "answerWith",
                "parameters": [{"name": "code", "in": "path", "required": True, "schema": {"type": "integer"}}],
            }
        },
        "/orders": {
            "post": {
                "operationId": "order",
                "requestBody": {
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {"type": "object", "properties": {"item": {"type": "string"}}}
                        }
                    }
                },
            }
        },
    },
    "components": {
        "schemas": {"Item": ITEM, "Price": {"type": "number", "minimum": 0}},
        "parameters": {"Language": {"name": "X-Language", "in": "header", "schema": {"type": "string"}}},
    },
}
SCHEMA = """
    type Item { id: ID!, name: String! }
    type Query { items(first: Int): [Item!]!, broken: Item! }
    type Mutation { rename(id: ID!, name: String!): Item! }
"""


@dataclass
class Shop:
    sign_in: str = "none"
    """How it wants `TOKEN`: bearer, header, query, basic or none."""
    description: Any = field(default_factory=lambda: DESCRIPTION)
    """Text is given as it is."""
    tells_schema: bool = True
    schema: str = ""
    """What it tells of its schema in the place of that, as JSON."""
    hides_with: int = 200
    """The status with which it keeps its schema to itself."""
    port: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def _let_in(shop: Shop, request: web.Request) -> bool:
    match shop.sign_in:
        case "bearer":
            return request.headers.get("Authorization") == f"Bearer {TOKEN}"
        case "header":
            return request.headers.get("X-Shop-Key") == TOKEN
        case "query":
            return request.query.get("key") == TOKEN
        case "basic":
            return request.headers.get("Authorization") == f"Basic {b64encode(f'ada:{TOKEN}'.encode()).decode()}"
    return True


async def _api(shop: Shop, request: web.Request) -> web.Response:
    shop.asked.append(
        {
            "method": request.method,
            "path": request.raw_path.partition("?")[0],
            "query": [(name, value) for name, value in request.query.items() if name != "key"],
            "language": request.headers.get("X-Language"),
            "kind": request.headers.get("Content-Type"),
            "body": await request.text(),
        }
    )
    path = request.path.removeprefix("/v1/")
    if path == "away":
        raise web.HTTPFound("http://127.0.0.1:9/elsewhere")
    if path.startswith("status/"):
        return web.json_response({"error": "so it was asked"}, status=int(path.removeprefix("status/")))
    if path == "items/large":
        return web.Response(text="x" * 200_000)
    return web.json_response({"path": path, "done": request.method})


async def _graphql(shop: Shop, request: web.Request) -> web.Response:
    schema = build_schema(SCHEMA)
    asked = await request.json()
    if "__schema" not in asked["query"]:
        shop.asked.append(asked)
    elif not shop.tells_schema:
        return web.json_response({"errors": [{"message": "introspection is off"}]}, status=shop.hides_with)

    class Root:
        def items(self, info: Any, first: int = 2) -> list[dict[str, str]]:
            return [{"id": "1", "name": "Lamp"}, {"id": "2", "name": "Chair"}][:first]

        def broken(self, info: Any) -> None:
            raise ValueError("the storehouse burns")

        def rename(self, info: Any, id: str, name: str) -> dict[str, str]:
            return {"id": id, "name": name}

    if "__schema" in asked["query"] and shop.schema:
        return web.Response(text=f'{{"data": {{"__schema": {shop.schema}}}}}')
    done = graphql_sync(schema, asked["query"], Root(), variable_values=asked.get("variables"))
    return web.json_response(done.formatted)


@asynccontextmanager
async def running_shop(**options: Any) -> AsyncIterator[Shop]:
    shop = Shop(**options)

    async def described(request: web.Request) -> web.Response:
        text = shop.description if isinstance(shop.description, str) else json.dumps(shop.description)
        return web.Response(text=text, content_type="application/json")

    async def let_in(request: web.Request, handler: Any) -> web.StreamResponse:
        answer: web.StreamResponse = (
            await handler(request)
            if _let_in(shop, request)
            else web.json_response({"error": "who are you?"}, status=401)
        )
        return answer

    async def api(request: web.Request) -> web.Response:
        return await _api(shop, request)

    async def graph(request: web.Request) -> web.Response:
        return await _graphql(shop, request)

    app = web.Application(middlewares=[web.middleware(let_in)])

    async def moved(request: web.Request) -> web.Response:
        raise web.HTTPFound(request.query["to"])

    app.router.add_get("/openapi.json", described)
    app.router.add_get("/moved", moved)
    app.router.add_post("/graphql", graph)
    app.router.add_route("*", "/{rest:.*}", api)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    shop.port = runner.addresses[0][1]
    try:
        yield shop
    finally:
        await runner.cleanup()
