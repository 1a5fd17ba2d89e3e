"""Linear, through its hosted MCP server and the member's own sign-in."""

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import OAuth, RunCard, Values


def _server(values: Values) -> ServerSpec:
    return HttpSpec("https://mcp.linear.app/mcp", secrets=())


CARD = RunCard(
    name="linear",
    title="Linear",
    about="Issues, projects and cycles of your Linear workspace.",
    fields=(),
    server=_server,
    oauth=OAuth(),
    # Two that read are left out, as they fetch addresses that a text names: extract_images and get_attachment.
    reads=frozenset(
        """
        get_document get_initiative get_issue get_issue_status get_milestone get_project get_status_updates get_team
        get_user list_comments list_customers list_cycles list_documents list_initiatives list_issue_labels
        list_issue_statuses list_issues list_milestones list_project_labels list_projects list_teams list_users
        search_documentation
        """.split()  # noqa: SIM905  as lines to read
    ),
    icon=":clipboard:",
    example="Which issues are assigned to me?",
    questions=("What is left in the current cycle of my team?", "Summarize the comments of ENG-12."),
    documentation="https://linear.app/docs/mcp",
)
