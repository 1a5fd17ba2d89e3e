"""A program that is run to its end, and what came of it."""

import asyncio
import logging
from asyncio.subprocess import DEVNULL, PIPE, STDOUT

from mcp_runtime.sandbox.launches import Prepare
from mcp_runtime.sandbox.processes import kill_tree, opened_whole

TAIL = 8192
log = logging.getLogger(__name__)


async def outcome(prepare: Prepare, patience: float) -> tuple[int | None, str]:
    """Exit code and the last that it said; None: it had not ended within ``patience`` seconds, and was ended."""
    with prepare() as launch:
        opening = asyncio.create_subprocess_exec(
            *launch.argv,
            stdin=DEVNULL, stdout=PIPE, stderr=STDOUT,
            pass_fds=launch.pass_fds, env=launch.env, cwd=launch.cwd, start_new_session=True,
        )  # fmt: skip
        process = await opened_whole(opening)
    beside = asyncio.ensure_future(launch.beside()) if launch.beside else None
    said = bytearray()
    try:
        # What was cancelled before its first turn would never begin, and so take nothing away.
        await asyncio.sleep(0)
        async with asyncio.timeout(patience):
            await _listen(process, said)
            await process.wait()
    except TimeoutError:
        return None, _text(said)
    finally:
        try:
            if process.returncode is None:
                kill_tree(process.pid)
                await process.wait()
        finally:
            if beside is not None:
                beside.cancel()
                await asyncio.wait({beside})
                if not beside.cancelled() and (error := beside.exception()):
                    log.warning("a program did not start as it should: %r", error)
    return process.returncode, _text(said)


async def _listen(process: asyncio.subprocess.Process, said: bytearray) -> None:
    if process.stdout is None:
        raise RuntimeError("a child without pipes")
    while part := await process.stdout.read(65536):
        said += part
        del said[:-TAIL]


def _text(said: bytearray) -> str:
    return said.decode(errors="replace").strip()
