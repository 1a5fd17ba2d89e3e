"""What goes into the image, and whether it lives: as far as that can be seen without building it."""

import fnmatch
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.operated import Around, running
from tests.deploy.proxies import DEPLOY

ROOT = DEPLOY.parent
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()


def let_in(name: str) -> bool:
    """As Docker reads .dockerignore: the last line that fits decides, and a folder's line holds for what is in it."""
    kept = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern, wanted = line.removeprefix("!"), line.startswith("!")
            parents = [name, *map(str, Path(name).parents)]
            if any(fnmatch.fnmatchcase(each, pattern.removeprefix("**/")) for each in _parts(parents, pattern)):
                kept = wanted
    return kept


def _parts(names: list[str], pattern: str) -> list[str]:
    """With `**/` in front a pattern holds at every depth; without, from the root alone."""
    return [part for name in names for part in Path(name).parts] if pattern.startswith("**/") else names


@pytest.mark.parametrize(
    "name",
    [
        *(".env", "deploy/.env", "deploy/secrets/secret_key", ".git/config", "usher.db", "usher.db.key"),
        *("bot/usher.db-wal", "storage/.env", "tests/conftest.py", ".try/playground.json", "bot/__pycache__/a.pyc"),
    ],
)
def test_no_secret_and_nothing_superfluous_goes_to_the_builder(name: str) -> None:
    assert not let_in(name)


def test_all_that_is_installed_goes_to_the_builder(tmp_path: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    sent = [name for name in filter(None, tracked.split("\0")) if let_in(name) and (ROOT / name).is_file()]
    for name in sent:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    target = tmp_path / "installed"
    # The image's own line, into a folder: the tests' environment has what the lock names.
    line = next(line for line in runs() if line.startswith("/usher/bin/pip install") and line.endswith(" ."))
    options = shlex.split(line)[2:-1]
    command = [sys.executable, "-m", "pip", "install", "--quiet", *options[0:], "--target", str(target), "."]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(target)}
    told = subprocess.run([sys.executable, "-m", "app", "--help"], cwd=target, env=env, capture_output=True, text=True)
    assert "usher migrate" in told.stdout
    assert (target / "share/usher/manifest.yml").read_bytes() == (ROOT / "manifest.yml").read_bytes()
    assert (target / "storage/migrations/versions/0001_first_tables.py").exists()


def runs() -> list[str]:
    """Each command of a RUN line."""
    whole = DOCKERFILE.replace("\\\n", " ")
    lines = re.findall(r"^RUN (.*)$", whole, re.M)
    return [" ".join(command.split()) for line in lines for command in line.split("&&")]


def test_nothing_is_resolved_when_the_image_is_built() -> None:
    for command in runs():
        if "pip install" in command:
            assert "--no-deps" in command
            assert "--require-hashes --only-binary :all:" in command or "--no-build-isolation" in command


def healthy(port: int) -> int:
    [command] = re.findall(r"^HEALTHCHECK .*\n CMD (\[.*\])$", DOCKERFILE, re.M)
    words = json.loads(command)
    assert words[0] == "python"
    env = {"PATH": os.environ["PATH"], "PORT": str(port), "http_proxy": "http://127.0.0.1:9"}
    return subprocess.run([sys.executable, *words[1:]], env=env, capture_output=True, check=False).returncode


async def test_the_image_knows_whether_usher_lives(around: Around, tmp_path: Path) -> None:
    assert healthy(around.port) != 0
    async with running(around, around.env(f"sqlite+aiosqlite:///{tmp_path}/usher.db"), tmp_path):
        assert healthy(around.port) == 0
