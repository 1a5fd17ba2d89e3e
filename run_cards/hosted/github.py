"""GitHub, through its hosted MCP server and the member's own personal access token."""

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import Field, RunCard, Values
from run_cards.checks import one_word

URL = "https://api.githubcopilot.com/mcp/"
PREFIXES = ("ghp_", "github_pat_")


def _token(value: str) -> str | None:
    if not value.strip().startswith(PREFIXES):
        return "A personal access token starts with ghp_ or github_pat_."
    return one_word(value)


def _server(values: Values) -> ServerSpec:
    return HttpSpec(URL)


CARD = RunCard(
    name="github",
    title="GitHub",
    about="Repositories, issues and pull requests, with all that your token may do.",
    fields=(
        Field(
            "token",
            "Personal access token",
            hint="Make one under Settings → Developer settings; a fine-grained one for chosen repositories is best.",
            placeholder="github_pat_…",
            secret=True,
            check=_token,
        ),
    ),
    server=_server,
    reads=frozenset(
        {
            "get_me",
            "get_commit",
            "get_file_contents",
            "get_latest_release",
            "get_release_by_tag",
            "get_tag",
            "issue_read",
            "list_branches",
            "list_commits",
            "list_issues",
            "list_pull_requests",
            "list_releases",
            "list_tags",
            "pull_request_read",
            "search_code",
            "search_issues",
            "search_pull_requests",
            "search_repositories",
            "search_users",
        }
    ),
    icon=":octopus:",
)
