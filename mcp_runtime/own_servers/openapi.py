"""One REST API by its own description: a tool for each operation, those that change something only where asked for.

All requests go to one host. Where the description names another one, that has to be given when it is started.
"""

import argparse
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

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
from mcp_runtime.own_servers.running import MOST_CHARACTERS, OTHER_HOST, READS, UNFIT, WRITES, CannotStart, run
from mcp_runtime.own_servers.web_requests import Host, SignIn, failed, origin


class Api:
    def __init__(self, host: Host, address: str, operations: Mapping[str, Operation]) -> None:
        self._host = host
        self._address = address.rstrip("/")
        self._operations = operations

    def tools(self) -> list[Tool]:
        return [
            Tool(
                name=each.name,
                description=each.summary,
                input_schema=each.schema,
                annotations=READS if each.reads else WRITES,
            )
            for each in self._operations.values()
        ]

    async def call(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Raises ToolError."""
        operation = self._operations.get(name)
        if operation is None:
            raise ToolError(f"There is no operation {name}.")
        if missing := [each for each in operation.schema["required"] if arguments.get(each) is None]:
            raise ToolError(f"{', '.join(missing)} has to be given.")
        given = [
            (each, arguments[each.argument])
            for each in operation.parameters
            if arguments.get(each.argument) is not None
        ]
        path = operation.path
        for parameter, value in given:
            if parameter.place == "path":
                path = path.replace(f"{{{parameter.name}}}", _segment(value))
        body = arguments.get("body")
        try:
            answer = await self._host.ask(
                operation.method.upper(),
                f"{self._address}/{path.lstrip('/')}",
                query=[
                    pair
                    for parameter, value in given
                    if parameter.place == "query"
                    for pair in _pairs(parameter.name, value)
                ],
                headers=[(parameter.name, _plain(value)) for parameter, value in given if parameter.place == "header"],
                **({"form": body} if operation.form else {"body": body}),
            )
        except httpx2.HTTPError as error:
            raise failed(error) from error
        return answer.told()


def _plain(value: Any) -> str:
    """One line: a header that holds two would be two."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not text.isprintable():
        raise ToolError("A header is one line of plain text.")
    return text


def _segment(value: Any) -> str:
    """Of a path: with no way up or aside."""
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    if text in ("", ".", ".."):
        raise ToolError("A part of a path cannot be empty, “.” or “..”.")
    return quote(text, safe="")


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [(f"{name}[{key}]", str(each)) for key, each in value.items()]
    values = value if isinstance(value, list) else [value]
    return [(name, str(each).lower() if isinstance(each, bool) else str(each)) for each in values]


def made(api: Api, title: str) -> Server[Any]:
    async def listed(context: Any, params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=api.tools())

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
        operations = document.operations()
    except NoDescription as error:
        raise CannotStart(UNFIT, str(error)) from error
    told = document.address(url)
    if not address and origin(told) != origin(url):
        raise CannotStart(OTHER_HOST, f"the API is at {origin(told)}")
    address = address or told
    offered = {each.name: each for each in operations if each.reads or writing}
    host = Host(address, sign_in)
    return Api(host, address, offered), host, document.title


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


if __name__ == "__main__":
    run(main)
