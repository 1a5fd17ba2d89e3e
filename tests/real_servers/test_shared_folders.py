"""The cards of folders that an operator allowed: installed from their locks, connected by their forms, and kept in."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.services.connections import Connected
from mcp_runtime.errors import ProgramFailed
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sandbox.view.folders import INSIDE, parse
from mcp_runtime.specs import StdioSpec
from mcp_runtime.tools.policies.terms import Terms
from run_cards import CARDS, RunCard, SharedFolder, of_folders
from storage.database import Database
from tests.real_servers.conftest import Guest
from tests.services.house import OWNER, House, open_house
from tests.support.gemini import Scripted
from tests.support.requirements import require

pytestmark = pytest.mark.timeout(400)  # the first time on a machine the programs are installed
SOMEBODY = {"GIT_AUTHOR_NAME": "Ada", "GIT_COMMITTER_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org"}
CODE = f"{INSIDE}/code"


def git(repository: Path, *words: str) -> str:
    env = {**os.environ, **SOMEBODY, "GIT_COMMITTER_EMAIL": "ada@example.org"}
    told = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(repository), *words],
        check=True, env=env, capture_output=True, text=True,
    )  # fmt: skip
    return told.stdout


@pytest.fixture
def place() -> Iterator[Path]:
    """A handbook to read and a repository to change, with a neighbour that is nobody's business."""
    folder = Path(tempfile.mkdtemp(prefix="usher-test-"))
    (folder / "handbook").mkdir()
    (folder / "handbook" / "holidays.txt").write_text("thirty days")
    (folder / "private.txt").write_text("not for them")
    (folder / "handbook" / "way_out").symlink_to(folder / "private.txt")
    (folder / "code").mkdir()
    git(folder / "code", "init", "-q", "-b", "main")
    (folder / "code" / "plan.txt").write_text("water the plants\n")
    git(folder / "code", "add", ".")
    git(folder / "code", "commit", "-q", "-m", "Plan the garden")
    for path in (each for each in (folder, *folder.rglob("*")) if not each.is_symlink()):
        path.chmod(0o777 if path.is_dir() else 0o666)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def house(sqlite_db: Database, gemini: Scripted, place: Path) -> AsyncIterator[House]:
    sandbox = Sandbox(folders=parse(f"handbook={place}/handbook, code={place}/code:rw"))
    level = await sandbox.probe()
    require(level.name == "full", level.cure)
    terms = {each.name: Terms(None, each.argument_checks) for each in CARDS_OF_BOTH}
    async with open_house(
        sqlite_db,
        gemini.model,
        (*CARDS, *CARDS_OF_BOTH),
        sandbox=sandbox,
        connect_timeout=60.0,
        terms=lambda connection: terms[connection.card],
    ) as opened:
        for program in ("filesystem", "git"):
            try:
                await sandbox.make_ready(StdioSpec(program), server=program)
            except ProgramFailed as error:
                require("cannot be reached" not in error.reason and "not installed" not in error.reason, error.reason)
                raise
        yield opened


CARDS_OF_BOTH = of_folders(
    [SharedFolder("handbook", f"{INSIDE}/handbook"), SharedFolder("code", f"{INSIDE}/code", writable=True)]
)
FILES, GIT = CARDS_OF_BOTH


async def connected(house: House, card: RunCard, **answers: str) -> Guest:
    assert card.complaints(answers) == {}
    made = await house.connections.begin(OWNER, card, answers)
    assert isinstance(made, Connected)
    return Guest(house, card.title, made)


async def free(guest: Guest) -> set[str]:
    """Those of its tools that run without asking."""
    mine = await guest.house.pool.toolset(OWNER)
    return {each.own_name for each in mine.tools if not each.guarded}


async def test_files_of_the_chosen_folders_are_found_read_and_changed_where_that_is_allowed(
    house: House, place: Path
) -> None:
    files = await connected(house, FILES, folders="handbook,code")
    assert await free(files) == FILES.reads and await files.tools == {*FILES.argument_checks}
    assert "holidays.txt" in str(await files.output("list_directory", path=f"{INSIDE}/handbook"))
    assert "thirty days" in str(await files.output("read_text_file", path=f"{INSIDE}/handbook/holidays.txt"))
    await files.output("write_file", path=f"{CODE}/new.txt", content="by it")
    assert (place / "code" / "new.txt").read_text() == "by it"
    refused = await files.call("write_file", path=f"{INSIDE}/handbook/new.txt", content="by it")
    assert "EROFS" in refused.error and not (place / "handbook" / "new.txt").exists()


async def test_no_way_leads_out_of_the_chosen_folders(house: House) -> None:
    files = await connected(house, FILES, folders="handbook")
    for path in (f"{INSIDE}/handbook/way_out", "/etc/passwd", f"{INSIDE}/handbook/../../../etc/passwd", CODE):
        told = await files.call("read_text_file", path=path)
        assert told.failed and "not for them" not in str(told)
    assert "handbook" in (await files.call("list_directory", path="/")).error


async def test_what_the_host_would_run_is_not_written(house: House, place: Path) -> None:
    files = await connected(house, FILES, folders="code")
    await files.output("write_file", path=f"{CODE}/hook", content="#!/bin/sh\n")
    for tool, given in (
        ("write_file", {"path": f"{CODE}/.git/hooks/post-commit", "content": "#!/bin/sh\n"}),
        ("move_file", {"source": f"{CODE}/hook", "destination": f"{CODE}/.git/hooks/post-checkout"}),
        ("create_directory", {"path": f"{CODE}/sub/.git"}),
    ):
        assert "git's alone" in (await files.call(tool, **given)).error
    assert not (place / "code/.git/hooks/post-commit").exists() and not (place / "code/sub").exists()


async def test_nor_where_a_link_or_another_name_leads_there(house: House, place: Path) -> None:
    code = place / "code"
    (code / "shortcut").symlink_to(".git")
    (code / "nothing_yet").symlink_to(".git/hooks/post-commit")
    git(code, "init", "-q", "--bare", "bare")
    git(code, "init", "-q", "--separate-git-dir", "kept", "apart")
    for path in (code, *code.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666) if not path.is_symlink() else None
    before = sorted(code.rglob("*"))
    files = await connected(house, FILES, folders="code")
    await files.output("write_file", path=f"{CODE}/hook", content="#!/bin/sh\n")
    for tool, given in (
        ("write_file", {"path": f"{CODE}/shortcut/hooks/post-commit", "content": "#!/bin/sh\n"}),
        ("edit_file", {"path": f"{CODE}/shortcut/config", "edits": [{"oldText": "bare", "newText": "bore"}]}),
        ("move_file", {"source": f"{CODE}/hook", "destination": f"{CODE}/shortcut/hooks/post-checkout"}),
        ("move_file", {"source": f"{CODE}/shortcut/HEAD", "destination": f"{CODE}/taken"}),
        ("create_directory", {"path": f"{CODE}/shortcut/hooks/more"}),
        ("write_file", {"path": f"{CODE}/bare/hooks/post-update", "content": "#!/bin/sh\n"}),
        ("write_file", {"path": f"{CODE}/kept/hooks/post-commit", "content": "#!/bin/sh\n"}),
    ):
        assert "git's own" in (await files.call(tool, **given)).error, (tool, given)
    assert (await files.call("write_file", path=f"{CODE}/nothing_yet", content="#!/bin/sh\n")).failed
    for part in ("objects", "refs"):
        await files.output("create_directory", path=f"{CODE}/made/{part}")
    assert "git's own" in (await files.call("write_file", path=f"{CODE}/made/HEAD", content="ref: x")).error
    made = {code / "hook", code / "made", code / "made/objects", code / "made/refs"}
    assert set(code.rglob("*")) - set(before) == made
    assert "Plan the garden" in git(code, "log", "--format=%s")


async def test_tools_that_change_files_are_left_out_where_all_can_only_be_read(house: House, place: Path) -> None:
    git(place / "handbook", "init", "-q")
    for card, given in ((GIT, {"folder": "handbook"}), (FILES, {"folders": "handbook"})):
        reading = await connected(house, card, **given)
        assert await reading.tools == card.reads
        changes = sorted({*card.argument_checks} - card.reads)
        assert sorted(name for name, _ in reading.made.connection.left_out) == changes
        told = reading.made.left_out
        assert "(it changes files, and what it may see here can only be read)" in told and "administrator" in told


async def test_the_history_is_told_and_a_change_is_committed(house: House, place: Path) -> None:
    repository = await connected(house, GIT, folder="code")
    assert await free(repository) == GIT.reads and await repository.tools == {*GIT.argument_checks}
    assert "Plan the garden" in str(await repository.output("git_log", repo_path=CODE))
    assert CODE in (await repository.call("git_log", repo_path=".")).error
    (place / "code" / "plan.txt").write_text("water the roses\n")
    assert "+water the roses" in str(await repository.output("git_diff_unstaged", repo_path=CODE))
    await repository.output("git_add", repo_path=CODE, files=["plan.txt"])
    await repository.output("git_commit", repo_path=CODE, message="Water the roses")
    assert git(place / "code", "log", "-1", "--format=%an: %s") == "usher: Water the roses\n"
    for outside in ("/etc", f"{INSIDE}/handbook"):
        assert (await repository.call("git_status", repo_path=outside)).failed


async def test_hooks_and_watchers_of_a_repository_do_not_run(house: House, place: Path) -> None:
    code = place / "code"
    trap = f"#!/bin/sh\necho ran >> {CODE}/ran.txt\n"
    for name in ("pre-commit", "commit-msg", "post-commit", "post-checkout", "post-index-change"):
        (code / ".git/hooks" / name).write_text(trap)
        (code / ".git/hooks" / name).chmod(0o755)
    (code / ".git/watch").write_text(trap)
    (code / ".git/watch").chmod(0o755)
    git(code, "config", "core.fsmonitor", f"{CODE}/.git/watch")
    git(code, "config", "core.hooksPath", f"{CODE}/.git/hooks")
    (code / ".git/config").chmod(0o666)
    repository = await connected(house, GIT, folder="code")
    (code / "plan.txt").write_text("water the roses\n")
    await repository.output("git_status", repo_path=CODE)
    await repository.output("git_add", repo_path=CODE, files=["plan.txt"])
    await repository.output("git_commit", repo_path=CODE, message="Water the roses")
    await repository.output("git_create_branch", repo_path=CODE, branch_name="mine")
    await repository.output("git_checkout", repo_path=CODE, branch_name="mine")
    assert not (code / "ran.txt").exists()
