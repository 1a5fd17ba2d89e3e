"""One MongoDB database: collections, documents, aggregations that only read, and changes where those were asked for."""

import json
import os
from typing import Any
from urllib.parse import unquote, urlsplit

from bson import json_util
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pymongo import AsyncMongoClient, errors
from pymongo.asynchronous.database import AsyncDatabase

from mcp_runtime.own_servers.mongodb_queries import parsed, stages
from mcp_runtime.own_servers.running import (
    NO_SUCH_HOST,
    READS,
    REFUSED,
    SECONDS,
    UNFIT,
    UNREACHABLE,
    WRITES,
    Asked,
    CannotStart,
    fitting,
    run,
    serve,
)

Document = dict[str, Any]
Mongo = AsyncDatabase[Document]

MOST, SAMPLE = 200, 50
MILLISECONDS = int(SECONDS * 1000)
REFUSALS = (13, 18, 8000)
"""Unauthorized, AuthenticationFailed, and what Atlas says for both."""


async def connected(asked: Asked) -> AsyncMongoClient[Document]:
    """Raises `CannotStart`."""
    parts = urlsplit(asked.address)
    hosts = parts.netloc.rpartition("@")[2]
    secured: dict[str, Any] = (
        {} if asked.tls == "none" else {"tls": True, "tlsAllowInvalidCertificates": asked.tls == "unchecked"}
    )
    signed: dict[str, Any] = {}
    if parts.username:
        signed = {"username": unquote(parts.username), "password": os.environ.get("SERVER_PASSWORD", "")}
        signed["authSource"] = "admin"
    client: AsyncMongoClient[Document] = AsyncMongoClient(
        f"mongodb://{hosts}/{'?' + parts.query if parts.query else ''}",
        **secured, **signed, directConnection="," not in hosts, appname="usher", serverSelectionTimeoutMS=10_000,
        timeoutMS=MILLISECONDS, maxPoolSize=4,
    )  # fmt: skip
    try:
        await client.admin.command("ping")
        await client[name_of(asked)].list_collection_names()
    except errors.OperationFailure as error:
        raise CannotStart(REFUSED if error.code in REFUSALS else UNFIT, str(error)) from error
    except errors.ServerSelectionTimeoutError as error:
        raise CannotStart(NO_SUCH_HOST if "Name or service" in str(error) else UNREACHABLE, str(error)) from error
    except (errors.PyMongoError, OSError) as error:
        raise CannotStart(UNREACHABLE, str(error)) from error
    return client


def name_of(asked: Asked) -> str:
    return unquote(urlsplit(asked.address).path.strip("/"))


async def given(found: Any, most: int) -> dict[str, Any]:
    most = max(1, min(most, MOST))
    try:
        documents = await found.to_list(most + 1)
    except errors.PyMongoError as error:
        raise ToolError(f"MongoDB says: {error}") from error
    kept, more = fitting(json.loads(json_util.dumps(each)) for each in documents[:most])
    cut = more or len(documents) > most
    return {"documents": kept} | ({"note": f"Only {len(kept)} are shown: there are more."} if cut else {})


def made(database: Mongo, *, writing: bool) -> MCPServer:
    server = MCPServer("MongoDB")

    @server.tool(annotations=READS)
    async def list_collections() -> dict[str, Any]:
        """The collections of the database."""
        return {"collections": sorted(await database.list_collection_names())}

    @server.tool(annotations=READS)
    async def describe_collection(collection: str) -> dict[str, Any]:
        """Fields and their types, from a sample of its documents, and its indexes."""
        sample = await database[collection].find({}, limit=SAMPLE).to_list()
        fields: dict[str, set[str]] = {}
        for document in sample:
            for name, value in document.items():
                fields.setdefault(name, set()).add(type(value).__name__)
        indexes = list(await database[collection].index_information())
        return {"fields": {name: sorted(kinds) for name, kinds in fields.items()}, "indexes": indexes}

    @server.tool(annotations=READS)
    async def find(
        collection: str, filter: str = "{}", projection: str = "{}", sort: str = "{}", skip: int = 0, limit: int = 20
    ) -> dict[str, Any]:
        """Documents of a collection. filter, projection and sort are objects in MongoDB's extended JSON."""
        asked = database[collection].find(parsed(filter, dict), parsed(projection, dict) or None)
        order = list(parsed(sort, dict).items())
        asked = asked.sort(order) if order else asked
        return await given(asked.skip(max(0, skip)).limit(min(limit, MOST) + 1), limit)

    @server.tool(annotations=READS)
    async def count(collection: str, filter: str = "{}") -> dict[str, Any]:
        """How many documents match."""
        return {"count": await database[collection].count_documents(parsed(filter, dict))}

    @server.tool(annotations=READS)
    async def aggregate(collection: str, pipeline: str, limit: int = 50) -> dict[str, Any]:
        """An aggregation that only reads; pipeline is a list of stages in extended JSON."""
        asked = parsed(pipeline, list)
        stages(asked)
        return await given(await database[collection].aggregate(asked, batchSize=MOST + 1), limit)

    if writing:
        add_writing(server, database)
    return server


def add_writing(server: MCPServer, database: Mongo) -> None:
    @server.tool(annotations=WRITES)
    async def insert(collection: str, documents: str) -> dict[str, Any]:
        """Add documents: a list of objects in extended JSON."""
        return {"inserted": len((await database[collection].insert_many(parsed(documents, list))).inserted_ids)}

    @server.tool(annotations=WRITES)
    async def update(collection: str, filter: str, change: str) -> dict[str, Any]:
        """Change all documents that match; change has operators such as {"$set": {"done": true}}."""
        done = await database[collection].update_many(parsed(filter, dict), parsed(change, dict))
        return {"matched": done.matched_count, "changed": done.modified_count}

    @server.tool(annotations=WRITES)
    async def delete(collection: str, filter: str) -> dict[str, Any]:
        """Delete all documents that match; an empty filter is refused."""
        if not (asked := parsed(filter, dict)):
            raise ToolError("An empty filter would delete all documents.")
        return {"deleted": (await database[collection].delete_many(asked)).deleted_count}


async def main() -> None:
    asked = Asked.of_command_line()
    async with await connected(asked) as client:
        await serve(made(client[name_of(asked)], writing=asked.writing))


if __name__ == "__main__":
    run(main)
