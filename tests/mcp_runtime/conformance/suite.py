"""The public conformance suite, run on `client`: what has passed was checked, and nothing of it failed."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mcp_runtime.conformance.forking import SOCKET
from tests.support.node_packages import installed

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
STAMP = re.compile(r"-\d{4}-\d\d-\d\dT[\d-]+Z$")
MILLISECONDS = "60000"
ALONE = 2
"""Times that a failure is tried again by itself: the suite starts some forty clients at once."""
FORKING = "tests/mcp_runtime/conformance/forking.py"


@dataclass(frozen=True)
class Suite:
    program: list[str]
    database: Path
    """A migrated one, of which each scenario gets a copy."""
    socket: Path
    """Where a client is asked for."""

    def required(self, revision: str) -> list[str]:
        listed = self._run("list", "--requirements", revision).partition("Client scenarios")[2].partition("\n\n")[0]
        return re.findall(r"^  - (\S+)", listed, re.MULTILINE)

    def failures(self, revision: str) -> dict[str, str]:
        """What did not pass, with what was found instead; a failure counts when it stays one alone."""
        with TemporaryDirectory() as folder:
            self._client("--requirements", revision, "-o", folder)
            found = dict(_verdicts(Path(folder)))
        bad = [each for each in self.required(revision) if not all_well(found.get(each, []))]
        return {each: told for each in bad if (told := self._alone(each, revision))}

    def _alone(self, scenario: str, revision: str) -> str:
        """Empty when it passes now."""
        told = ""
        for _ in range(ALONE):
            with TemporaryDirectory() as folder:
                said = self._client("--scenario", scenario, "--spec-version", revision, "-o", folder)
                found = dict(_verdicts(Path(folder))).get(scenario, [])
            if all_well(found):
                return ""
            told = f"{found or 'nothing was checked'}\n{said[-3000:]}"
        return told

    def _client(self, *arguments: str) -> str:
        # By its name, for the suite takes the command apart at each space, and a folder's name may have some.
        command = f"{Path(sys.executable).name} -S -E {FORKING}"
        return self._run("client", "--command", command, "--timeout", MILLISECONDS, *arguments)

    def _run(self, *arguments: str) -> str:
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
        env = {**os.environ, "PATH": path, "USHER_CONFORMANCE_DATABASE": str(self.database), SOCKET: str(self.socket)}
        done = subprocess.run(
            [*self.program, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=600, check=False
        )
        return done.stdout + done.stderr


@contextmanager
def suite(database: Path) -> Iterator[Suite]:
    program, node = _program()
    with _answering() as socket:
        yield Suite([node, program], database, socket)


@contextmanager
def _answering() -> Iterator[Path]:
    """What is forked into clients; they are ended with it."""
    with TemporaryDirectory(dir="/tmp") as folder:
        socket = Path(folder) / "clients"
        command = [sys.executable, "-m", "tests.mcp_runtime.conformance.forking", "--answer"]
        options = {"cwd": ROOT, "env": {**os.environ, SOCKET: str(socket)}, "start_new_session": True}
        with subprocess.Popen(command, stdout=subprocess.PIPE, **options) as process:  # type: ignore[call-overload]
            try:
                assert process.stdout.readline() == b"listening\n"
                yield socket
            finally:
                os.killpg(process.pid, signal.SIGKILL)


def verdicts_of_server(url: str, revision: str) -> dict[str, list[str]]:
    """The status of every check on a server, by scenario."""
    program, node = _program()
    with TemporaryDirectory() as folder:
        command = [node, program, "server", "--url", url, "--requirements", revision, "-o", folder]
        subprocess.run(command, cwd=folder, capture_output=True, timeout=600, check=False)
        return dict(_verdicts(Path(folder)))


def _program() -> tuple[str, str]:
    modules = installed(HERE)
    node = next((str(each) for each in modules.glob("node-*/bin/node")), "node")
    return str(modules / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"), node


def _verdicts(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """The status of every check, by scenario."""
    for file in folder.rglob("checks.json"):
        scenario = STAMP.sub("", file.parent.relative_to(folder).as_posix())
        yield scenario, [check["status"] for check in json.loads(file.read_text())]


def all_well(statuses: list[str]) -> bool:
    """A client that does nothing at all fails nothing either."""
    return "SUCCESS" in statuses and "FAILURE" not in statuses
