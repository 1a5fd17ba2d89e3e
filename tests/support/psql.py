"""A `psql` that stays connected: to start one for every statement takes longer than the statement."""

import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

END = "-- answered"


class Psql:
    def __init__(self, program: Path, home: Path, database: str) -> None:
        command = [program, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", home, "-U", "postgres", database]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._turn = threading.Lock()

    def ask(self, statement: str) -> list[str]:
        """The rows of the answer, a line each. Raises RuntimeError with what the server said against it."""
        into, out = self._process.stdin, self._process.stdout
        assert into is not None and out is not None
        with self._turn:
            with suppress(BrokenPipeError):  # then what it said at last is still to be read
                into.write(f"{statement};\n\\echo {END}\n")
                into.flush()
            said: list[str] = []
            for line in out:
                if line.strip() == END:
                    return said
                said.append(line.rstrip("\n"))
        raise RuntimeError("\n".join(said) or "psql has ended")

    def close(self) -> None:
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
