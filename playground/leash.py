"""Runs a program that ends when whoever started us does: our standard input is then at its end.

For systems whose kernel does not tell a child that its parent has died.
"""

import os
import signal
import subprocess
import sys
import threading
from types import FrameType

PATIENCE = 3.0


def main() -> int:
    """The program's exit code."""
    begun: list[subprocess.Popen[bytes]] = []
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        for each in begun:
            each.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):  # beforehand: else who asks soon would end us alone
        signal.signal(number, ask)
    program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)  # noqa: S603  the launcher's own command
    begun.append(program)
    for sooner in tuple(asked):
        program.send_signal(sooner)
    threading.Thread(target=_end_with_the_starter, args=(program,), daemon=True).start()
    code = program.wait()
    return code if code >= 0 else 128 - code


def _end_with_the_starter(program: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1):  # unbuffered: a reader's lock would be in the way of our own end
        pass
    program.terminate()
    try:
        program.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        program.kill()


if __name__ == "__main__":
    sys.exit(main())
