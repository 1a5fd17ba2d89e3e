"""What a member can see in Slack themselves, through Slack's hosted MCP server and their own sign-in."""

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import OAuth, RunCard, Values


def _server(values: Values) -> ServerSpec:
    return HttpSpec("https://mcp.slack.com/mcp", secrets=())


CARD = RunCard(
    name="slack",
    title="Slack",
    about="Search and read what you can see in Slack yourself. It posts nothing.",
    fields=(),
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
    notes=("You sign in as yourself: it sees the public channels, canvases and people that you see.",),
    example="What was decided about the launch in #product this week?",
    questions=("Who knows about our billing system?", "Summarize the newest thread in #support."),
    documentation="https://docs.slack.dev/ai/slack-mcp-server/",
)
