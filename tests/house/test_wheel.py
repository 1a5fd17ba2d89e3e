"""The wheel holds the product, whole, and nothing beside it."""

import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP_LEVEL = {"app.py", "bot", "mcp_runtime", "run_cards", "storage", "playground"}
NEEDED_AT_RUN_TIME = {
    "*.html": {"bot", "playground"},
    "*.woff2": {"playground"},
    "*.css": {"bot", "playground"},
    "*.js": {"bot", "playground"},
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    source = tmp_path_factory.mktemp("source")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    # The build back end itself, since an environment that uv made has no pip.
    command = [sys.executable, "-c", "from setuptools import build_meta; build_meta.build_wheel('made')"]
    subprocess.run(command, cwd=source, check=True, capture_output=True, text=True)
    return zipfile.ZipFile(next((source / "made").glob("*.whl")))


def names(wheel: zipfile.ZipFile) -> list[Path]:
    return [Path(name) for name in wheel.namelist()]


def test_the_top_level_is_the_list(wheel):
    found = {path.parts[0] for path in names(wheel)}

    assert {name for name in found if not name.endswith((".dist-info", ".data"))} == TOP_LEVEL


def test_an_installed_wheel_knows_the_manifest_of_its_app(wheel, tmp_path):
    place = tmp_path / "venv"
    venv.create(place, with_pip=False)
    [site] = (place / "lib").glob("python*/site-packages")
    wheel.extractall(site)
    # As an installer does: what is under .data/data goes to the environment's own root.
    [shared] = site.glob("*.data/data")
    shutil.copytree(shared, place, dirs_exist_ok=True)
    ours = {"PYTHONPATH": sysconfig.get_path("purelib")}
    code = (
        "import app; from bot.web import guides; [guides.guide(each) for each in guides.NAMES]; "
        "print(app.MANIFEST, *sorted(app._scopes()), *guides.pictures())"
    )
    told = subprocess.run(
        [place / "bin/python", "-P", "-c", code], cwd=tmp_path, env=ours, capture_output=True, text=True, check=True
    ).stdout

    assert told.startswith(f"{place}/") and "chat:write" in told and "host-thread" in told


@pytest.mark.parametrize("pattern", NEEDED_AT_RUN_TIME)
def test_what_is_needed_at_run_time_is_packed(wheel, pattern):
    assert {path.parts[0] for path in names(wheel) if path.match(pattern)} == NEEDED_AT_RUN_TIME[pattern]


def test_every_python_file_and_migration_of_the_tree_is_packed(wheel):
    packed = {str(path) for path in names(wheel)}
    listed = subprocess.run(
        ["git", "ls-files", *TOP_LEVEL], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    product = {name for name in listed.splitlines() if (ROOT / name).is_file() and not name.endswith(".md")}

    assert product - packed == set()


def test_no_test_and_no_benchmark_is_packed(wheel):
    assert not [path for path in names(wheel) if path.parts[0] in {"tests", "benchmarks", "docs"}]


def test_the_licence_and_those_of_vendored_files_go_along(wheel):
    licences = [path for path in names(wheel) if "licenses" in path.parts]

    assert any(path.name == "LICENSE" and len(path.parts) == 3 for path in licences)
    assert any("vendor" in path.parts for path in licences)
