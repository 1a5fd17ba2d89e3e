"""One REST API by its own description: a tool for each operation, those that change something only where asked for.

All requests go to one host. Where the description names another one, that has to be given when it is started.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import httpx2
from mcp.server.lowlevel import Server
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.stdio import stdio_server
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
)

from mcp_runtime.own_servers.openapi_document import Document, NoDescription, Operation
from mcp_runtime.own_servers.request_bodies import body_of
from mcp_runtime.own_servers.running import MOST_CHARACTERS, OTHER_HOST, READS, UNFIT, WRITES, CannotStart
from mcp_runtime.own_servers.web_requests import Host, SignIn, failed, origin

PAGE = 50
"""Tools told at once."""


class Api:
    """``address`` says where an operation is."""

    def __init__(self, host: Host, address: Callable[[Operation], str], operations: Mapping[str, Operation]) -> None:
        self._host = host
        self._address = address
        self._operations = operations

    def tools(self, beginning: int) -> list[Tool]:
        """A page of them: all at once may be more than one message may hold."""
        return [
            Tool(
                name=each.name,
                description=each.summary,
                input_schema=each.schema,
                annotations=READS if each.reads else WRITES,
            )
            for each in islice(self._operations.values(), beginning, beginning + PAGE)
        ]

    async def call(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Raises ToolError."""
        operation = self._operations.get(name)
        if operation is None:
            raise ToolError(f"There is no operation {name}.")
        if missing := [each for each in operation.schema["required"] if arguments.get(each) is None]:
            raise ToolError(f"{', '.join(missing)} has to be given.")
        if unknown := arguments.keys() - operation.schema["properties"].keys():
            # Left out without a word, a misspelled filter would be no filter.
            raise ToolError(f"There is no argument {', '.join(sorted(unknown))}.")
        path, query, headers = operation.path, list[tuple[str, str]](), list[tuple[str, str]]()
        for each in operation.parameters:
            if (value := arguments.get(each.argument)) is None:
                continue
            match each.place:
                case "path":
                    path = path.replace(f"{{{each.name}}}", each.segment(value))
                case "query":
                    query += each.pairs(value)
                case _:
                    headers.append((each.name, each.header(value)))
        address = self._address(operation)
        body = body_of(operation.kind, arguments.get(operation.body))
        try:
            answer = await self._host.ask(
                operation.method.upper(), f"{address}/{path.lstrip('/')}", query=query, headers=headers, body=body
            )
        except httpx2.HTTPError as error:
            raise failed(error) from error
        return answer.told()


def made(api: Api, title: str) -> Server[Any]:
    async def listed(context: Any, params: PaginatedRequestParams | None) -> ListToolsResult:
        cursor = params.cursor if params else None
        beginning = int(cursor) if cursor and cursor.isdecimal() else 0
        page = api.tools(beginning)
        following = str(beginning + PAGE) if len(page) == PAGE else None
        return ListToolsResult(tools=page, next_cursor=following)

    async def called(context: Any, params: CallToolRequestParams) -> CallToolResult:
        try:
            told = await api.call(params.name, params.arguments or {})
        except ToolError as error:
            return CallToolResult(content=[TextContent(text=str(error))], is_error=True)
        bad = told["status"] >= 400
        said = f"HTTP {told['status']}"
        if bad:  # of a failure, the text is what is told
            said += f": {json.dumps(told['answer'], ensure_ascii=False)}"[:MOST_CHARACTERS]
        return CallToolResult(content=[TextContent(text=said)], structured_content=told, is_error=bad)

    return Server(title or "API", on_list_tools=listed, on_call_tool=called)


async def described(url: str, address: str, sign_in: SignIn, *, writing: bool) -> tuple[Api, Host, str]:
    """Raises `CannotStart`."""
    async with Host(url, sign_in if origin(address or url) == origin(url) else SignIn()) as source:
        text = (await source.ask_first("GET", url)).text
    try:
        document = Document(text)
        operations, told = document.operations(writing=writing), document.address(url)
    except NoDescription as error:
        raise CannotStart(UNFIT, str(error)) from error
    if not address and origin(told) != origin(url):
        raise CannotStart(OTHER_HOST, f"the API is at {origin(told)}")

    def address_of(operation: Operation) -> str:
        """What was entered counts for all of them; raises ToolError."""
        try:
            return (address or document.address(url, operation.servers)).rstrip("/")
        except NoDescription as error:
            raise ToolError("The description gives no usable address for this operation.") from error

    host = Host(address or told, sign_in)
    return Api(host, address_of, {each.name: each for each in operations}), host, document.title


async def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--url", required=True)
    words.add_argument("--address", default="")
    words.add_argument("--sign-in", default="bearer")
    words.add_argument("--key-name", default="")
    words.add_argument("--write", action="store_true")
    asked = words.parse_args()
    sign_in = SignIn.of(asked.sign_in, asked.key_name)
    api, host, title = await described(asked.url, asked.address, sign_in, writing=asked.write)
    server = made(api, title)
    async with host, stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())
