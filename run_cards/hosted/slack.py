"""Slack, through its hosted MCP server and the member's own user token: by signing in, or one that they have."""

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import Field, OAuth, RunCard, Values
from run_cards.checks import one_word


def _server(values: Values) -> ServerSpec:
    return HttpSpec("https://mcp.slack.com/mcp")


def _token(value: str) -> str | None:
    """Those of bots are refused there: each sees what its member sees."""
    if not value.strip() or value.strip().startswith(("xoxp-", "xoxe.xoxp-")):
        return one_word(value)
    return "A user token starts with xoxp-. Slack's server takes no token of a bot."


CARD = RunCard(
    name="slack",
    title="Slack",
    about="Search and read what you can see in Slack yourself. It posts nothing.",
    fields=(
        Field(
            "token",
            "User token",
            hint="Of an app that your workspace has approved for Slack's MCP server.",
            placeholder="xoxp-…",
            secret=True,
            check=_token,
        ),
    ),
    server=_server,
    # The server knows no switch for reading only: what may not be granted cannot be done.
    oauth=OAuth(
        scopes=(
            "search:read.public",
            "search:read.users",
            "channels:history",
            "canvases:read",
            "users:read",
        ),
        client="slack",
    ),
    # Searching private channels is a tool of its own, of which Slack says that it wants a person's consent each time.
    reads=frozenset(
        {
            "slack_read_canvas",
            "slack_read_channel",
            "slack_read_thread",
            "slack_read_user_profile",
            "slack_search_channels",
            "slack_search_public",
            "slack_search_users",
        }
    ),
    icon=":speech_balloon:",
    notes=("It sees the public channels, canvases and people that you see.",),
    example="What was decided about the launch in #product this week?",
    questions=("Who knows about our billing system?", "Summarize the newest thread in #support."),
    documentation="https://docs.slack.dev/ai/slack-mcp-server/",
)
