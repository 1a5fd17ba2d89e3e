"""What a program sees of this machine: what it takes to run it, and never what is Usher's own."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_runtime.commands.program import program_of
from mcp_runtime.errors import NotPermitted
from mcp_runtime.programs import PROGRAMS, Program, interpreter, python
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sandbox import sandbox as sandbox_module
from mcp_runtime.sandbox.launches import Asked, Way, boxed, shut_in
from mcp_runtime.sandbox.view import system
from mcp_runtime.sandbox.view.folders import Folder
from mcp_runtime.sandbox.view.hidden import parts, where
from mcp_runtime.specs import Command, StdioSpec
from tests.mcp_runtime.sandbox.inside import SYSTEMS, told
from tests.support.requirements import require

BESIDE = ("doc", "man", "keys")
SEEN = """
def below(folder): return sorted(os.listdir(folder)) if os.path.isdir(folder) else []
tools = [name for name in ("su", "mount", "gcc", "curl", "ssh", "python3.11") if os.path.exists("/usr/bin/" + name)]
print(json.dumps([tools, below("/usr"), below("/usr/local"), below("/usr/share"), below("/usr/src")]))
"""


@pytest.fixture(autouse=True)
async def works(sandbox: Sandbox) -> None:
    """All of this needs a sandbox that works here."""


async def test_of_the_machines_programs_it_has_what_starts_it_alone() -> None:
    tools, usr, local, share, sources = await told(SEEN)
    assert set(tools) <= {"python3.11"} and sources == []
    assert set(usr) <= {"bin", "lib", "lib32", "lib64", "libx32", "local", "sbin", "share"}
    assert set(local) <= {"bin", "lib", "share"} and set(share) <= {"ca-certificates", "zoneinfo"}


async def test_of_the_folder_that_our_python_lies_in_no_package_and_nothing_beside_it_is_there() -> None:
    ours = interpreter()
    require(ours.folders != {}, "our own Python is the machine's")
    top, packages = await told(
        """
        place = os.path.dirname(os.path.dirname(sys.executable))
        packages = glob.glob(f"{place}/lib/python3*/site-packages")
        print(json.dumps([sorted(os.listdir(place)), [os.listdir(each) for each in packages]]))
        """
    )
    assert top == ["bin", "lib"] and packages in ([], [[]])


@pytest.fixture
def home(open_folder: Path) -> Path:
    """An operator's folder that Usher itself lies in, with its settings, its database and its key."""
    for name in ("usher", "notes"):
        (open_folder / name).mkdir()
    for name in ("usher/app.py", "usher.db", "usher.db.key", ".env", "notes/one"):
        (open_folder / name).write_text("ours")
        (open_folder / name).chmod(0o644)
    return open_folder


LOOKS = """
def read(path):
    try: return open(path).read()
    except OSError: return None
place = sys.argv[1]
names = ("usher/app.py", "usher.db", "usher.db.key", ".env", "notes/one")
print(json.dumps([read(f"{place}/{each}") for each in names]))
"""


@pytest.mark.parametrize("way", [boxed, shut_in])
@pytest.mark.parametrize("writable", [False, True])
async def test_neither_our_folder_nor_settings_database_or_keys_are_seen(home: Path, way: Way, writable: bool) -> None:
    hidden = tuple(home / each for each in ("usher", "usher.db", "usher.db.key", ".env", "not-there"))
    folders = {"/srv/folders/home": Folder(home, writable)}
    asked = Asked(folders=folders, hidden=hidden, arguments=("/srv/folders/home",))
    *ours, note = await told(LOOKS, asked, way=way)
    assert set(ours) == {None} and note == "ours"


async def test_usher_hides_where_it_runs_from_and_its_settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    monkeypatch.setitem(
        PROGRAMS, "looks", replace(python("-c"), command=(*python("-c").command, f"import json, sys{LOOKS}"))
    )  # type: ignore[arg-type]
    box = Sandbox(folders={"home": Folder(home)}, hidden=(home / "usher.db", home / "usher.db.key"))
    spec = StdioSpec("looks", ("/srv/folders/home",), folders=("home",))
    with (await box.launcher(spec, {}, server="Looks"))() as launch:
        shown = [word for word in launch.argv if word.startswith("/srv/folders/home/")]
        if launch.group is not None:  # which goes with a program, and none was started
            launch.group.remove()
    assert shown == [f"/srv/folders/home/{each}" for each in ("notes", "usher")]


CHANGES = f"""{LOOKS}sys.stdout.flush(); sys.stdin.readline()
names = (*names, "link", "deep/link")
print(json.dumps([read(f"{{place}}/{{each}}") for each in names]))
"""


@pytest.mark.parametrize("way", [boxed, shut_in])
async def test_what_takes_a_hidden_files_place_while_a_program_runs_is_not_seen(home: Path, way: Way) -> None:
    """By a rename, as editors and deployments write; what is laid over a file would go with it."""
    (home / "deep").mkdir()
    (home / "link").symlink_to(".env")
    (home / "deep" / "link").symlink_to("../usher.db.key")
    hidden = tuple(home / each for each in ("usher", "usher.db", "usher.db.key", ".env", "later.key"))
    asked = Asked(folders={"/srv/folders/home": Folder(home)}, hidden=hidden, arguments=("/srv/folders/home",))

    async def exchanged() -> None:
        (home / "usher").rename(home / "usher.old")
        (home / "usher").mkdir()
        for name in ("usher/app.py", "usher.db", "usher.db.key", ".env", "later.key"):
            new = home / f"{name}.new"
            new.write_text("ours")
            new.chmod(0o644)
            new.rename(home / name)

    *ours, note, link, deep = await told(CHANGES, asked, way=way, once_told=exchanged)
    assert [*ours, link, deep] == [None] * 6 and note == "ours"


def test_a_folder_is_shown_in_parts_only_where_something_in_it_is_hidden(home: Path) -> None:
    (home / "usher.db-wal").write_text("ours")
    places = where([home / "usher.db", home / "notes" / "deep" / ".env"])
    assert [str(each) for each in parts(home, places)] == [".env", "notes/one", "usher"]
    assert list(parts(home / "usher", places)) == [Path()] and list(parts(home / "notes" / "one", places)) == [Path()]


async def test_a_folder_of_too_many_parts_is_told_of_and_not_shown(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_module, "MOST_PARTS", 1)
    box = Sandbox(folders={"home": Folder(home)}, hidden=(home / "usher.db",))
    with pytest.raises(NotPermitted, match="Usher's own files lie among too many others"):
        # One that needs no package: on a new machine that would have to be installed first.
        await box.launcher(StdioSpec("time", ("/srv/folders/home",), folders=("home",)), {}, server="Looks")


def test_a_confirmed_program_has_the_usual_folders_and_its_own() -> None:
    words = ("/usr/local/wiki/bin/serve",)
    own = program_of(Command(words, ((words[0], "hash"), ("/usr/bin/env", "hash"))))
    assert "local/wiki" in own.system and "share" in own.system
    assert not {"src", "local/src", "include", "local/etc", "local"} & set(own.system)
    shown = system.shown(own)
    assert Path("/usr/bin") in shown and Path("/usr/src") not in shown
    assert len(shown) == len({each for each in shown if not any(parent in shown for parent in each.parents)})


def test_of_nodes_packages_it_has_the_one_that_is_run() -> None:
    npm = Path(shutil.which("npm") or "npm").resolve()
    require(npm.is_relative_to("/usr/lib/node_modules"), "npm lies elsewhere here")
    shown = system.shown(Program(("/usr/bin/node", str(npm)), needs=("node",)))
    assert Path("/usr/lib/node_modules/npm") in shown and Path("/usr/lib/node_modules") not in shown


def test_the_machines_own_python_brings_its_library() -> None:
    shown = system.shown(SYSTEMS)
    assert any(each.name.startswith("python3.") and each.parent == Path("/usr/lib") for each in shown)
