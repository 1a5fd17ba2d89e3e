"""The processes of one Usher side by side on one PostgreSQL: each killed, frozen, stopped and started again at will."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks.parts.cost import Cost
from benchmarks.parts.counted import counted
from playground.children import die_with_parent
from playground.ports import free_port

START_WITHIN, STOP_WITHIN = 120.0, 20.0
LOOK_EVERY = 0.05


@dataclass
class Usher:
    """``before`` runs in the new process before the program does; ``counts``: where its statements are counted."""

    name: str
    env: Mapping[str, str]
    folder: Path
    before: Callable[[], None] | None = die_with_parent
    port: int = field(default_factory=free_port)
    counts: Path | None = None
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def cost(self) -> Cost:
        """Since its start."""
        return Cost.so_far(self.pid, self.counts)

    async def start(self) -> None:
        """Returns once it says itself that all is well."""
        here = {"PYTHONPATH": str(Path(__file__).parents[2])}
        env = {**self.env, **here, "HOST": "127.0.0.1", "PORT": str(self.port), "PUBLIC_BASE_URL": self.url}
        command = counted(self.counts, "app") if self.counts else ("app",)
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *command),
                env=env,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                preexec_fn=self.before,
            )
        async with asyncio.timeout(START_WITHIN), aiohttp.ClientSession() as session:
            while not await self._ready(session):
                if self.process.returncode is not None:
                    raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.said_last()}")
                await asyncio.sleep(LOOK_EVERY)

    async def _ready(self, session: aiohttp.ClientSession) -> bool:
        with suppress(aiohttp.ClientError, TimeoutError):
            async with session.get(f"{self.url}/readyz", timeout=aiohttp.ClientTimeout(total=3.0)) as answer:
                return answer.status == 200
        return False

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Politely; one that does not listen is killed in the end."""
        await self._end(signal.SIGTERM)

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    async def _end(self, how: signal.Signals) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(how)
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    def said_last(self, lines: int = 20) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
