"""Child processes that are started again when they die, and that die with us."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
PATIENCE = 1.6
"""Seconds a child has to end politely."""
HOPELESS = (2, 3)
"""Exit codes for settings that cannot work: another start would not either."""


class Child:
    """One program, kept running until `stop`. ``lifeline``: a descriptor that it holds for as long as it lives."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str],
        folder: Path,
        log: Path,
        lifeline: int | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self.restarts = 0
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """Its exit code, once it ended in a way that another start would not cure."""
        self._command = [*([] if sys.platform == "linux" else LEASH), *command]
        self._env, self._folder, self._lifeline = env, folder, lifeline
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._came_up = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        await self._spawn()
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.name}")

    def came_up(self) -> None:
        """It works, so from now on it is started again when it dies. An end before this is a start that failed."""
        self._came_up = True

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
            self.kill()
            await process.wait()

    def kill(self) -> None:
        """At once, with all that it started in its session."""
        if (pid := self.pid) is not None:
            with suppress(ProcessLookupError):  # it has ended, and nobody has heard of it yet
                os.killpg(pid, signal.SIGKILL)

    def said_last(self, lines: int = 12) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    async def _spawn(self) -> None:
        log = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._env,
                cwd=self._folder,
                stdin=asyncio.subprocess.DEVNULL if sys.platform == "linux" else asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
                pass_fds=() if self._lifeline is None else (self._lifeline,),
                start_new_session=True,  # Ctrl-C reaches us alone; we stop the children in order
            )
        finally:
            os.close(log)

    async def _keep(self) -> None:
        while True:
            assert self._process is not None  # noqa: S101
            code = await self._process.wait()
            if code in HOPELESS or not self._came_up:
                self.ended.set_result(code)
                return
            await self._start_again()

    async def _start_again(self) -> None:
        while True:
            self.restarts += 1
            await asyncio.sleep(min(0.2 * self.restarts, 5))
            try:
                return await self._spawn()
            except OSError as error:  # as where there are too many processes at the moment
                with suppress(OSError), self.log.open("a") as log:
                    log.write(f"{self.name} cannot be started: {error}\n")


LEASH = [sys.executable, "-m", "playground.leash"]


# Found beforehand: between fork and exec another thread may have held the lock that it takes to look, for ever.
_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def die_with_parent() -> None:
    """The kernel sees to it on Linux; elsewhere the leash does."""
    if _PRCTL is not None:
        _PRCTL(PR_SET_PDEATHSIG, signal.SIGTERM)
