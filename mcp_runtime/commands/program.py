"""What a confirmed command is in the sandbox."""

from pathlib import Path

from mcp_runtime.programs import MIB, NODE_LIMITS, Program
from mcp_runtime.specs import Command

USUAL = ("bin", "lib", "lib32", "lib64", "libexec", "libx32", "sbin", "share")
"""Of /usr and of /usr/local: what an installed program may consist of. Sources, headers and the like are none of it."""


def program_of(command: Command) -> Program:
    """Its variables are not among it: they go as secrets do, since a command line is public."""
    # Whatever it is written in: what one process asks for says little, and all of it together is counted.
    limits = {**NODE_LIMITS, "memory": command.megabytes * MIB}
    return Program(command.words, system=_system(command), **limits)


def _system(command: Command) -> tuple[str, ...]:
    """Beside the usual folders those that the confirmed files lie in, such as /usr/local/wiki for its bin/server."""
    named = []
    for path, _ in command.files:
        parts = Path(path).parts[2:]  # after "/" and "usr"
        named.append("/".join(parts[: 2 if parts[0] == "local" else 1]))
    return tuple(dict.fromkeys([*USUAL, *(f"local/{each}" for each in USUAL), *named]))
