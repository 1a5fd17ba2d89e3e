"""A program outside of Slack, as Usher meets it: a real MCP client, with an address and an access token and no more."""

from typing import TYPE_CHECKING, Any

from playground.slack.core.changes import Json

if TYPE_CHECKING:
    from mcp import Client

WITHIN = 30.0
TOLD = 100_000
"""Characters of an answer."""
PASTE = "Paste the access token that Usher showed you once. It begins with ushp_."
TROUBLES = {
    401: "Usher does not know this token. Was it revoked, or did it end? Make another on Usher's Home tab.",
    403: "This token is not for programs that speak MCP: make one with “Use Usher as an MCP server”.",
    429: "Too often: a token may ask so many times a minute. Wait a little.",
}
AWAY = "Usher does not answer at {url}. Is it still starting?"


async def asked(url: str, wanted: Json) -> Json:
    """The tools that this token is good for and, when one is named, what came of calling it; or the trouble."""
    token = str(wanted.get("token") or "").strip()
    if not token.startswith("ushp_") or not token.isascii():
        return {"trouble": PASTE}
    import httpx2  # with the SDK it is large, and most who look at the workspace never come here
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    refused: list[int] = []

    async def seen(response: httpx2.Response) -> None:
        if response.status_code in TROUBLES:
            refused.append(response.status_code)

    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with (
            httpx2.AsyncClient(
                headers=headers, timeout=WITHIN, trust_env=False, event_hooks={"response": [seen]}
            ) as http,
            Client(streamable_http_client(url, http_client=http), read_timeout_seconds=WITHIN) as client,
        ):
            return await _talk(client, wanted)
    except Exception:  # whatever the SDK makes of it, a person is told which of these it is
        return {"trouble": TROUBLES[refused[-1]] if refused else AWAY.format(url=url)}


async def _talk(client: "Client", wanted: Json) -> Json:
    tools = [_tool(each) for each in (await client.list_tools()).tools]
    told: Json = {"tools": tools, "server": client.server_info.name if client.server_info else ""}
    if tool := wanted.get("tool"):
        arguments = wanted.get("arguments")
        answer = await client.call_tool(str(tool), arguments if isinstance(arguments, dict) else {})
        text = "\n".join(each.text for each in answer.content if each.type == "text")
        told["answer"] = {"tool": str(tool), "failed": bool(answer.is_error), "text": text[:TOLD]}
    return told


def _tool(tool: Any) -> Json:
    schema, notes = tool.input_schema, tool.annotations
    needed = [each for each in schema.get("required", []) if isinstance(each, str)]
    reads = bool(notes and notes.read_only_hint)
    about = {"name": tool.name, "title": (notes and notes.title) or tool.name, "about": tool.description or ""}
    return {**about, "reads": reads, "needed": needed, "takes": sorted(schema.get("properties", {}))}
