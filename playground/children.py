"""Child processes that are started again when they die, and that die with us."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
PATIENCE = 1.6
"""Seconds a child has to end politely."""


class Child:
    """One program, kept running until `stop`."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], folder: Path, log: Path) -> None:
        self.name = name
        self.restarts = 0
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """Its exit code, once it ended in a way that another start would not cure."""
        self._command, self._env, self._folder, self._log = command, env, folder, log
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        await self._spawn()
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.name}")

    async def stop(self) -> None:
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(PATIENCE):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def said_last(self, lines: int = 12) -> str:
        """The end of its log."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:]) if self._log.exists() else ""

    async def _spawn(self) -> None:
        log = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._env,
                cwd=self._folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,
                start_new_session=True,  # Ctrl-C reaches us alone; we stop the children in order
            )
        finally:
            os.close(log)

    async def _keep(self) -> None:
        while True:
            assert self._process is not None  # noqa: S101
            code = await self._process.wait()
            if code in (2, 3):  # settings that cannot work: another start would not either
                self.ended.set_result(code)
                return
            self.restarts += 1
            await asyncio.sleep(min(0.2 * self.restarts, 5))
            await self._spawn()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
