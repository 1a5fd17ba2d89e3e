"""The history of repositories in one shared folder, by a program that runs here without network and without hooks."""

from collections.abc import Sequence

from mcp_runtime.programs import PROGRAMS
from mcp_runtime.specs import ServerSpec, StdioSpec
from run_cards.argument_checks.paths import inside_folders
from run_cards.card import Kind, RunCard, Values
from run_cards.shared_folders import SharedFolder, asked, places

READS = frozenset(
    {"git_status", "git_diff_unstaged", "git_diff_staged", "git_diff", "git_log", "git_show", "git_branch"}
)
WRITES = PROGRAMS["git"].changes


def _server(values: Values) -> ServerSpec:
    return StdioSpec("git", folders=(values["folder"],))


def card(folders: Sequence[SharedFolder]) -> RunCard:
    """Of one or more."""
    inside = inside_folders("repo_path", at=places(folders))
    return RunCard(
        name="git",
        title="Git",
        about="History, differences and branches of a repository in a folder that your admins shared.",
        fields=(asked(folders, Kind.CHOICE, "A repository, or a folder with repositories in it."),),
        server=_server,
        reads=READS,
        icon=":seedling:",
        example="What changed in the repository this week?",
        questions=("Which branches are there?", "Who changed the README last, and why?"),
        documentation="https://github.com/modelcontextprotocol/servers/tree/main/src/git",
        argument_checks=dict.fromkeys(READS | WRITES, inside),
    )
