"""Folders that an operator allowed, as git's server and that for files see them."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mcp_runtime.errors import NotPermitted, ProgramFailed
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sandbox.launches import Asked
from mcp_runtime.sandbox.view.folders import Folder, chosen, parse
from mcp_runtime.specs import StdioSpec
from mcp_runtime.tools.tools import ToolCall, ToolResult
from tests.mcp_runtime.conftest import MEMBER, Connect, MakePool
from tests.mcp_runtime.sandbox.inside import told
from tests.support.requirements import require


@pytest.fixture(autouse=True)
async def works(sandbox: Sandbox) -> None:
    """All of this needs a sandbox that works here."""


@pytest.fixture
def shared(open_folder: Path) -> Mapping[str, Folder]:
    """One to read and one to fill, and beside them what is nobody's business."""
    for name in ("handbook", "drafts"):
        (open_folder / name).mkdir()
        (open_folder / name).chmod(0o777)
        (open_folder / name / "note.txt").write_text(name)
    (open_folder / "secret.txt").write_text("ours")
    (open_folder / "handbook" / "link").symlink_to(open_folder / "secret.txt")
    (open_folder / "handbook" / "machine").symlink_to("/")
    return parse(f"handbook={open_folder}/handbook, drafts={open_folder}/drafts:rw")


async def test_only_the_chosen_folders_are_there_and_only_as_they_were_allowed(shared: Mapping[str, Folder]) -> None:
    source = """
    def may(*given):
        try: return open(*given).read() if len(given) == 1 else open(*given).write("mine")
        except OSError as error: return errno.errorcode[error.errno]
    base = "/srv/folders"
    names = ("handbook/note.txt", "drafts/note.txt", "handbook/link", "handbook/machine/etc/hostname")
    print(json.dumps([os.listdir(base), [may(f"{base}/{name}") for name in names],
        may(f"{base}/handbook/new", "w"), may(f"{base}/drafts/new", "w"), may(f"{base}/new", "w")]))
    """
    there, read, kept, written, beside = await told(source, Asked(folders=chosen(["handbook", "drafts"], shared)))
    assert sorted(there) == ["drafts", "handbook"]
    assert read == ["handbook", "drafts", "ENOENT", "ENOENT"]  # a link leads to what it names in here, which is nothing
    assert (kept, written, beside) == ("EROFS", 4, "EROFS")
    assert (shared["drafts"].path / "new").read_text() == "mine"
    there = await told("print(json.dumps(os.listdir('/srv/folders')))", Asked(folders=chosen(["drafts"], shared)))
    assert there == ["drafts"]


async def test_a_folder_that_is_not_allowed_any_more_is_not_shown(shared: Mapping[str, Folder]) -> None:
    box = Sandbox(folders={"gone": Folder(Path("/no/such/folder")), **shared})
    for name in ("etc", "gone", "../drafts", ""):
        with pytest.raises(NotPermitted, match="folder"):
            await box.launcher(StdioSpec("time", folders=(name,)), {}, server="Files")


async def call(pool: Any, tool: str, **arguments: object) -> ToolResult:
    return await (await pool.toolset(MEMBER)).call(ToolCall("", f"notes__{tool}", dict(arguments)))


async def connected(pool: Any, connect: Connect, spec: StdioSpec) -> None:
    """From the product's own cache: what is locked is installed once on a machine."""
    try:
        await connect(pool, spec)
    except ProgramFailed as error:
        require("cannot be reached" not in error.reason and "not installed" not in error.reason, error.reason)
        raise


@pytest.mark.timeout(400)  # the first time on a machine it is installed
async def test_the_server_for_files_reads_and_writes_where_it_may(
    make_pool: MakePool, connect: Connect, shared: Mapping[str, Folder], sandbox: Sandbox
) -> None:
    pool = make_pool(sandbox=Sandbox(folders=shared))
    places = ("/srv/folders/handbook", "/srv/folders/drafts")
    await connected(pool, connect, StdioSpec("filesystem", places, folders=("handbook", "drafts")))
    assert "handbook" in str((await call(pool, "read_text_file", path="/srv/folders/handbook/note.txt")).output)
    assert not (await call(pool, "write_file", path="/srv/folders/drafts/made", content="by it")).failed
    assert (shared["drafts"].path / "made").read_text() == "by it"
    for path in ("/srv/folders/handbook/link", "/etc/hostname", "/srv/folders/handbook/../../../etc/hostname"):
        assert (await call(pool, "read_text_file", path=path)).failed
    assert (await call(pool, "write_file", path="/srv/folders/handbook/made", content="by it")).failed


@pytest.mark.timeout(400)
async def test_gits_server_tells_the_history_of_a_repository(
    make_pool: MakePool, connect: Connect, open_folder: Path, sandbox: Sandbox
) -> None:
    repository = open_folder / "code"
    as_somebody = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A"}
    env = {**os.environ, **as_somebody, "GIT_COMMITTER_EMAIL": "a@example.org"}
    repository.mkdir()
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "The first of all"]):
        subprocess.run(["git", "-C", str(repository), *words], check=True, env=env)
    pool = make_pool(sandbox=Sandbox(folders=parse(f"code={repository}")))
    place = "/srv/folders/code"
    await connected(pool, connect, StdioSpec("git", ("--repository", place), folders=("code",)))
    assert "The first of all" in str((await call(pool, "git_log", repo_path=place)).output)
    assert (await call(pool, "git_create_branch", repo_path=place, branch_name="mine")).failed


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("docs", "has to be NAME"), ("Docs=/srv/x", "has to be NAME"), ("=/srv/x", "has to be NAME"),
        ("a=/srv/x,a=/srv/y", "each NAME once"), ("../x=/srv/x", "has to be NAME"), ("a=srv/x", "begin with /"),
        ("a=/srv/../etc", "begin with /"), ("a=/", "too much"), ("a=/etc:rw", "too much"), ("a=", "has to be NAME"),
    ],
)  # fmt: skip
def test_what_names_no_folder_or_too_much_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse(text)


def test_folders_are_read_only_unless_said_otherwise() -> None:
    assert parse(" a=/srv/a ,b=/srv/b:rw,c=/srv/c:ro,") == {
        "a": Folder(Path("/srv/a")),
        "b": Folder(Path("/srv/b"), writable=True),
        "c": Folder(Path("/srv/c")),
    }
