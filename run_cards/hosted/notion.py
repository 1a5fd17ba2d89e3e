"""Notion, through its hosted MCP server and the member's own sign-in."""

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import Cost, OAuth, RunCard, Values


def _server(values: Values) -> ServerSpec:
    return HttpSpec("https://mcp.notion.com/mcp", secrets=())


CARD = RunCard(
    name="notion",
    title="Notion",
    about="Pages, databases and comments of your Notion workspace.",
    fields=(),
    server=_server,
    oauth=OAuth(),
    reads=frozenset(
        {
            "notion-fetch",
            "notion-get-comments",
            "notion-get-teams",
            "notion-get-users",
            "notion-query-data-sources",
            "notion-query-meeting-notes",
            "notion-search",
        }
    ),
    costs={"notion-ai-search": Cost()},
    icon=":notebook:",
    example="Find the page about our holiday rules.",
    questions=("What did we write down in the last team meeting?", "Who has commented on the launch plan?"),
    documentation="https://developers.notion.com/docs/mcp",
)
