"""The command itself, run over and over in one interpreter: to import the product took longer than to run it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

ROOT = Path(__file__).parents[2]


class Starts:
    """Each has its own variables, folder and output, and `app.run` to begin with; its process outlives it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    async def __call__(self, env: dict[str, str], folder: Path, *arguments: str) -> tuple[int, str]:
        """Its exit code, and what it said."""
        wanted = {"env": env, "folder": str(folder), "arguments": arguments}
        async with asyncio.timeout(60):
            told: dict[str, Any] = json.loads(await asyncio.to_thread(self._answer, json.dumps(wanted)))
        return told["code"], told["said"]

    def _answer(self, wanted: str) -> str:
        assert self._process.stdin and self._process.stdout
        print(wanted, file=self._process.stdin, flush=True)
        return self._process.stdout.readline()


@contextmanager
def starts() -> Iterator[Starts]:
    command, pipe = [sys.executable, "-m", "tests.house.starts"], subprocess.PIPE
    env = {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=env, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        yield Starts(process)


def _one(wanted: dict[str, Any]) -> dict[str, Any]:
    import app

    os.environ.clear()
    os.environ.update(wanted["env"])
    os.chdir(wanted["folder"])
    kept = [os.dup(number) for number in (1, 2)]
    with TemporaryFile() as said:
        for number in (1, 2):
            os.dup2(said.fileno(), number)
        try:
            code = app.run(wanted["arguments"])
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            for number, before in zip((1, 2), kept, strict=True):
                os.dup2(before, number)
                os.close(before)
        said.seek(0)
        return {"code": code, "said": said.read().decode()}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(_one(json.loads(line))), flush=True)
