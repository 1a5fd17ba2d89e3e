"""One GraphQL service: its schema in words, queries, and mutations where those were asked for.

What a document does is read from its syntax tree: only documents that hold queries alone run as queries.
"""

import argparse
import json
from typing import Any

import httpx2
from graphql import (
    GraphQLError,
    GraphQLSchema,
    build_client_schema,
    get_introspection_query,
    parse,
    print_type,
    validate,
)
from graphql.language import DocumentNode, OperationDefinitionNode, OperationType
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from mcp_runtime.own_servers.request_bodies import as_json
from mcp_runtime.own_servers.running import MOST_CHARACTERS, READS, UNFIT, WRITES, CannotStart, serve
from mcp_runtime.own_servers.web_requests import Host, SignIn, failed

LONGEST = 20_000
MOST_TOKENS = 5_000
QUERIES = frozenset({OperationType.QUERY})
CHANGES = frozenset({OperationType.QUERY, OperationType.MUTATION})
ONLY_QUERIES = "This document does more than query. Only queries run here{}."
NO_SCHEMA = "This service does not tell its schema. Queries can be made all the same."
TOO_LONG = "This service tells too long a schema to keep. Queries can be made all the same: ask __type for parts of it."


class Service:
    def __init__(self, host: Host, url: str) -> None:
        self._host = host
        self._url = url
        self.schema: GraphQLSchema | None = None
        self.untold = NO_SCHEMA

    async def learn(self) -> None:
        """Its schema, when it tells it; raises `CannotStart` when this is no GraphQL service.

        Many that keep it to themselves refuse to be asked for it with a 400, in GraphQL's own words.
        """
        body = as_json({"query": get_introspection_query(descriptions=True)})
        answer = await self._host.ask_first("POST", self._url, fits={400}, whole=False, body=body)
        if answer.cut:  # some of the largest services tell more of themselves than is kept here
            self.untold = TOO_LONG
            return
        try:
            told = json.loads(answer.text)
            if not isinstance(told, dict) or not ("data" in told or "errors" in told):
                raise ValueError("no data and no errors")
            self.schema = build_client_schema(told["data"]) if told.get("data") else None
        except (ValueError, TypeError, RecursionError, GraphQLError) as error:
            raise CannotStart(UNFIT, str(error)) from error

    def checked(self, document: str, allowed: frozenset[OperationType], hint: str = "") -> None:
        """Raises ToolError that says what is wrong with the document, as its schema knows."""
        if len(document) > LONGEST:
            raise ToolError(f"A document has at most {LONGEST} characters.")
        try:
            tree: DocumentNode = parse(document, max_tokens=MOST_TOKENS)
        except (GraphQLError, RecursionError) as error:
            raise ToolError(f"This is no GraphQL: {error}") from error
        kinds = {each.operation for each in tree.definitions if isinstance(each, OperationDefinitionNode)}
        if not kinds or kinds - allowed:
            raise ToolError(ONLY_QUERIES.format(hint))
        if self.schema is not None and (wrong := validate(self.schema, tree, max_errors=5)):
            raise ToolError("\n".join(each.message for each in wrong))

    async def ask(self, document: str, variables: dict[str, Any] | None) -> dict[str, Any]:
        try:
            answer = await self._host.ask(
                "POST", self._url, body=as_json({"query": document, "variables": variables or {}})
            )
        except httpx2.HTTPError as error:
            raise failed(error) from error
        told = answer.told()
        if answer.status >= 400:
            raise ToolError(f"The service answered with HTTP {answer.status}: {json.dumps(told['answer'])[:2000]}")
        shown = told["answer"]
        if isinstance(shown, dict) and shown.get("errors") and not shown.get("data"):
            raise ToolError(f"The service says: {json.dumps(shown['errors'], ensure_ascii=False)[:2000]}")
        return told

    def described(self, name: str) -> str:
        if self.schema is None:
            return self.untold
        if not name:
            return _overview(self.schema)
        if (kind := self.schema.get_type(name)) is None:
            raise ToolError(f"There is no type {name}.")
        return print_type(kind)[:MOST_CHARACTERS]


def _overview(schema: GraphQLSchema) -> str:
    roots = [each for each in (schema.query_type, schema.mutation_type) if each is not None]
    names = sorted(name for name in schema.type_map if not name.startswith("__"))
    text = "\n\n".join([*map(print_type, roots), f"Types: {', '.join(names)}"])
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}… Ask for one type by its name."


def made(service: Service, *, writing: bool) -> MCPServer:
    server = MCPServer("GraphQL")
    hint = "; use mutate for a change" if writing else ""

    @server.tool(annotations=READS, structured_output=False)
    async def describe_schema(type_name: str = "") -> str:
        """What can be queried: all queries, mutations and names of types, or one type with its fields."""
        return service.described(type_name)

    @server.tool(annotations=READS)
    async def query(document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer to a GraphQL query. See describe_schema first."""
        service.checked(document, QUERIES, hint)
        return await service.ask(document, variables)

    if writing:

        @server.tool(annotations=WRITES)
        async def mutate(document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
            """Run a GraphQL mutation, which changes something."""
            service.checked(document, CHANGES)
            return await service.ask(document, variables)

    return server


async def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--url", required=True)
    words.add_argument("--sign-in", default="bearer")
    words.add_argument("--key-name", default="")
    words.add_argument("--write", action="store_true")
    asked = words.parse_args()
    async with Host(asked.url, SignIn.of(asked.sign_in, asked.key_name)) as host:
        service = Service(host, asked.url)
        await service.learn()
        await serve(made(service, writing=asked.write))
