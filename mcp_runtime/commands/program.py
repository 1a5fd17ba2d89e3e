"""What a confirmed command is in the sandbox."""

from mcp_runtime.programs import MIB, NODE_LIMITS, Program
from mcp_runtime.specs import Command


def program_of(command: Command) -> Program:
    """Its variables are not among it: they go as secrets do, since a command line is public."""
    # Whatever it is written in: what one process asks for says little, and all of it together is counted.
    return Program(command.words, memory=command.megabytes * MIB, data=NODE_LIMITS["data"])
