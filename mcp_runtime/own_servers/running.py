"""What our own servers share: how they start and serve, and how they say by their exit code why they cannot."""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import anyio
from mcp.server import MCPServer
from mcp.types import ToolAnnotations

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False)
WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=True)

NO_SUCH_HOST, UNREACHABLE, UNFIT, REFUSED, OTHER_HOST = 68, 69, 76, 77, 78
"""As in sysexits.h; `mcp_runtime.transports.exit_codes` has the words for them."""

MOST_CHARACTERS = 36_000
"""Of an answer, as JSON: what a model is given whole."""
SECONDS = 20.0
"""For one statement or request: less than a call may take, so that the server itself can say what went wrong."""


class CannotStart(Exception):
    """The text goes to stderr, where nobody but a developer who starts it by hand sees it."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> NoReturn:
    """Until its input is closed; exits with the code of `CannotStart`."""
    logging.basicConfig(level=logging.CRITICAL)  # what libraries log may hold addresses and passwords
    try:
        anyio.run(main)
    except* CannotStart as group:
        first = next(_leaves(group))
        print(first, file=sys.stderr)  # noqa: T201
        sys.exit(first.code)
    sys.exit(0)


@dataclass(frozen=True)
class Asked:
    """What a database's server is started with. ``tls`` is checked, unchecked or none."""

    address: str
    tls: str
    writing: bool

    @classmethod
    def of_command_line(cls) -> "Asked":
        words = argparse.ArgumentParser()
        words.add_argument("--address", required=True)
        words.add_argument("--tls", choices=("checked", "unchecked", "none"), default="checked")
        words.add_argument("--write", action="store_true")
        parsed = words.parse_args()
        return cls(parsed.address, parsed.tls, parsed.write)


async def serve(server: MCPServer) -> None:
    await server.run_stdio_async()


def fitting(rows: Iterable[Any], limit: int = MOST_CHARACTERS) -> tuple[list[Any], bool]:
    """As many of the rows as an answer holds, as plain JSON values; True when more are left."""
    kept: list[Any] = []
    for row in rows:
        text = json.dumps(row, default=str, ensure_ascii=False)
        limit -= len(text)
        if limit < 0:
            return kept, True
        kept.append(json.loads(text))
    return kept, False


def _leaves(group: BaseExceptionGroup[CannotStart]) -> Iterator[CannotStart]:
    for each in group.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each
