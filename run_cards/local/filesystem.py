"""Files of shared folders, by a program that runs here and sees nothing else of this machine."""

from collections.abc import Sequence

from mcp_runtime.programs import PROGRAMS
from mcp_runtime.specs import ServerSpec, StdioSpec
from run_cards.argument_checks.paths import inside_folders, outside_git
from run_cards.card import ArgumentCheck, Kind, RunCard, Values
from run_cards.fields import chosen
from run_cards.shared_folders import SharedFolder, asked, places

INSIDE = "/srv/folders"
PATHS = ("path", "paths", "source", "destination")
READS = frozenset(
    {
        *("read_file", "read_text_file", "read_media_file", "read_multiple_files", "get_file_info", "search_files"),
        *("list_directory", "list_directory_with_sizes", "directory_tree", "list_allowed_directories"),
    }
)
WRITES = PROGRAMS["filesystem"].changes


def _server(values: Values) -> ServerSpec:
    names = chosen(values["folders"])
    return StdioSpec("filesystem", tuple(f"{INSIDE}/{name}" for name in names), folders=names)


def _checks(folders: Sequence[SharedFolder]) -> dict[str, ArgumentCheck]:
    inside = inside_folders(*PATHS, at=places(folders))
    # A hook that is written there would be run by whoever uses the repository on the host, outside of any sandbox.
    beside = outside_git(*PATHS)
    return dict.fromkeys(READS, inside) | dict.fromkeys(
        WRITES, lambda given, spec: inside(given, spec) or beside(given)
    )


def card(folders: Sequence[SharedFolder]) -> RunCard:
    """Of one or more."""
    return RunCard(
        name="filesystem",
        title="Files",
        about="Files of folders that your admins shared: read, searched and, where they allow it, written.",
        fields=(asked(folders, Kind.CHOICES, "Only these can be seen."),),
        server=_server,
        reads=READS,
        icon=":file_folder:",
        example="Which files are in the folder?",
        questions=("Find the files that speak of holidays.", "Sum up the newest note for me."),
        documentation="https://github.com/modelcontextprotocol/servers/tree/main/src/filesystem",
        argument_checks=_checks(folders),
    )
