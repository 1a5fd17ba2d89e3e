"""Jira and Confluence, through Atlassian's hosted MCP server and the member's own sign-in."""

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import OAuth, RunCard, Values


def _server(values: Values) -> ServerSpec:
    return HttpSpec("https://mcp.atlassian.com/v1/mcp", secrets=())


CARD = RunCard(
    name="atlassian",
    title="Atlassian",
    about="Jira issues and Confluence pages of your Atlassian site.",
    fields=(),
    server=_server,
    oauth=OAuth(),
    reads=frozenset(
        """
        atlassianUserInfo fetch getAccessibleAtlassianResources getConfluenceContent getConfluencePage
        getConfluencePageDescendants getConfluencePageFooterComments getConfluencePageInlineComments getConfluenceSpaces
        getJiraIssue getJiraIssueRemoteIssueLinks getJiraIssueTypeMetaWithFields getJiraProjectIssueTypesMetadata
        getPagesInConfluenceSpace getTransitionsForJiraIssue getVisibleJiraProjects lookupJiraAccountId search
        searchConfluence searchConfluenceUsingCql searchJiraIssuesUsingJql
        """.split()  # noqa: SIM905  as lines to read
    ),
    icon=":ticket:",
    example="Which Jira issues are assigned to me?",
    questions=("Find the Confluence page about onboarding.", "What changed in the project OPS this week?"),
    documentation="https://support.atlassian.com/atlassian-rovo-mcp-server/",
)
