"""Sentry, through its hosted MCP server and the member's own sign-in."""

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import Cost, OAuth, RunCard, Values


def _server(values: Values) -> ServerSpec:
    return HttpSpec("https://mcp.sentry.dev/mcp", secrets=())


CARD = RunCard(
    name="sentry",
    title="Sentry",
    about="Errors, events and releases of your Sentry organization.",
    fields=(),
    server=_server,
    oauth=OAuth(),
    reads=frozenset(
        """
        find_organizations find_projects find_releases find_teams get_doc get_event_attachment get_issue_details
        get_issue_tag_values get_profile_details get_replay_details get_sentry_resource get_trace_details
        search_docs search_events search_issue_events search_issues whoami
        """.split()  # noqa: SIM905  as lines to read
    ),
    costs={"analyze_issue_with_seer": Cost()},
    icon=":bug:",
    example="Which errors are new since yesterday?",
    questions=("What is behind the most frequent error of my project?", "Which release brought the most errors?"),
    documentation="https://docs.sentry.io/ai/mcp/",
)
