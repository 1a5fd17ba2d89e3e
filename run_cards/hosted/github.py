"""GitHub, through its hosted MCP server: signed in to there, or with the member's own personal access token."""

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import Field, Kind, OAuth, Option, Phrase, RunCard, Values
from run_cards.checks import one_word
from run_cards.common_fields import READ_ONLY

URL = "https://api.githubcopilot.com/mcp/"
PREFIXES = ("ghp_", "github_pat_")
TOOLSETS = {
    "context": "Who you are",
    "repos": "Repositories and code",
    "issues": "Issues",
    "pull_requests": "Pull requests",
    "users": "People",
    "actions": "Actions",
    "code_security": "Code scanning",
    "dependabot": "Dependabot",
    "discussions": "Discussions",
    "gists": "Gists",
    "notifications": "Notifications",
    "orgs": "Organizations",
    "projects": "Projects",
    "stargazers": "Stars",
}
USUAL = ("context", "repos", "issues", "pull_requests", "users")


def _token(value: str) -> str | None:
    if not value.strip().startswith(PREFIXES):
        return "A personal access token starts with ghp_ or github_pat_."
    return one_word(value)


def _some(value: str) -> str | None:
    return None if value else "Choose at least one."


def _server(values: Values) -> ServerSpec:
    read_only = (("X-MCP-Readonly", "true"),) if values["read_only"] else ()
    return HttpSpec(URL, (("X-MCP-Toolsets", values["toolsets"]), *read_only))


CARD = RunCard(
    name="github",
    title="GitHub",
    about="Repositories, issues and pull requests.",
    fields=(
        Field(
            "toolsets",
            "Tools",
            hint="Fewer are found faster.",
            kind=Kind.CHOICES,
            options=tuple(Option(value, label) for value, label in TOOLSETS.items()),
            default=",".join(USUAL),
            check=_some,
        ),
        READ_ONLY,
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
    # It knows no smaller right for issues and pull requests of private repositories; the switch above narrows it.
    oauth=OAuth(scopes=("repo", "read:org"), client="github"),
    reads=frozenset(
        """
        actions_get actions_list get_code_scanning_alert get_commit get_dependabot_alert get_discussion
        get_discussion_comments get_file_contents get_gist get_job_logs get_label get_latest_release get_me
        get_notification_details get_release_by_tag get_repository_tree get_tag get_team_members get_teams issue_read
        list_branches list_code_scanning_alerts list_commits list_dependabot_alerts list_discussion_categories
        list_discussions list_gists list_issue_types list_issues list_label list_notifications list_pull_requests
        list_releases list_starred_repositories list_tags projects_get projects_list pull_request_read search_code
        search_issues search_orgs search_pull_requests search_repositories search_users
        """.split()  # noqa: SIM905  as lines to read
    ),
    phrases={
        "issue_write": (
            Phrase("close issue{s} #{issue_number} in {owner}/{repo}", {"method": "update", "state": "closed"}),
            Phrase("reopen issue{s} #{issue_number} in {owner}/{repo}", {"method": "update", "state": "open"}),
            Phrase("change issue{s} #{issue_number} in {owner}/{repo}", {"method": "update"}),
            Phrase("open an issue in {owner}/{repo}", {"method": "create"}),
        ),
        "add_issue_comment": (Phrase("comment on issue{s} #{issue_number} in {owner}/{repo}"),),
        "create_pull_request": (Phrase("open a pull request from {head} into {base} in {owner}/{repo}"),),
        "update_pull_request": (Phrase("change pull request{s} #{pullNumber} in {owner}/{repo}"),),
        "merge_pull_request": (Phrase("merge pull request{s} #{pullNumber} in {owner}/{repo}"),),
        "create_branch": (Phrase("make the branch {branch} in {owner}/{repo}"),),
        "create_or_update_file": (Phrase("write {path} on the branch {branch} of {owner}/{repo}"),),
        "delete_file": (Phrase("delete {path} on the branch {branch} of {owner}/{repo}"),),
        "push_files": (Phrase("push files to the branch {branch} of {owner}/{repo}"),),
        "fork_repository": (Phrase("fork {owner}/{repo}"),),
    },
    icon=":octopus:",
    example="Which pull requests wait for my review?",
    questions=("What changed in my repository this week?", "Which open issues are assigned to me?"),
    documentation="https://docs.github.com/en/copilot/how-tos/provide-context/use-mcp/set-up-the-github-mcp-server",
)
