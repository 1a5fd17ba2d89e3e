"""Small Python programs that run in a sandbox and print, as JSON, what they saw."""

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from dataclasses import replace
from inspect import cleandoc
from typing import Any

from mcp_runtime.programs import Program, python
from mcp_runtime.sandbox.launches import Asked, Way, boxed
from mcp_runtime.sandbox.processes import kill_tree

LONG = 60.0
PREAMBLE = "import errno, glob, json, os, signal, socket, sys"
SYSTEMS = Program(("/usr/bin/python3", "-I", "-S", "-c"))
"""Who is another account cannot pass a private home to reach the interpreter in it."""
OPEN_FILES = "[os.readlink(p) for p in glob.glob('/proc/self/fd/*') if os.path.lexists(p)]"


async def told(
    source: str,
    asked: Asked | None = None,
    *,
    way: Way = boxed,
    said: str = "",
    once_told: Callable[[], Awaitable[None]] | None = None,
    **options: Any,
) -> Any:
    """What the program printed last; ``said`` is what it is told on its standard input.

    ``once_told``: what happens between its first line and that.
    """
    interpreter = python("-c") if way is boxed else SYSTEMS
    program = replace(interpreter, command=(*interpreter.command, f"{PREAMBLE}\n{cleandoc(source)}"), **options)
    with way(program, asked or Asked()) as launch:
        process = await asyncio.create_subprocess_exec(
            *launch.argv, stdin=PIPE, stdout=PIPE, stderr=PIPE, pass_fds=launch.pass_fds, env=launch.env,
            cwd=launch.cwd, start_new_session=True,
        )  # fmt: skip
    beside = asyncio.ensure_future(launch.beside()) if launch.beside else None
    try:
        async with asyncio.timeout(LONG):
            if once_told is not None and process.stdout is not None and await process.stdout.readline():
                await once_told()
            out, err = await process.communicate(said.encode())
    finally:
        if process.returncode is None:
            kill_tree(process.pid)
        if beside is not None:
            beside.cancel()
            await asyncio.wait({beside})
    assert process.returncode == 0, err.decode()
    return json.loads(out)
