"""The bootstrap's commands: ``run`` and ``tests`` make ready for these, ``lock`` pins the dependencies anew."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.install import make_ready
from bootstrap.lock import make_lock
from bootstrap.troubles import Trouble, of_the_disk

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """The exit code: 0 when all is ready, 1 after a trouble that was told."""
    try:
        if os.name == "nt":
            raise Trouble(
                "Usher runs on Linux and macOS; on Windows it runs in WSL (wsl --install, then the same command)."
            )
        match arguments:
            case ["run" | "tests" as what, *options] if set(options) <= {"--exactly"}:
                with one_at_a_time(ROOT):
                    make_ready(ROOT, tests=what == "tests", exactly="--exactly" in options)
            case ["lock", *options]:
                make_lock(ROOT, [option for option in options if option != "--exactly"])
            case _:
                print("usage: python3 deploy/bootstrap run | tests | lock [--upgrade]", file=sys.stderr)
                return 2
    except KeyboardInterrupt:
        print("\nStopped. The same command begins anew.", file=sys.stderr)
        return 130
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except OSError as error:
        told = of_the_disk(error, ROOT)
        if told is None:
            raise
        print(told, file=sys.stderr)
        return 1
    return 0


@contextmanager
def one_at_a_time(root: Path) -> Iterator[None]:
    """Two commands at once in a fresh clone would make the same environment: the second waits for the first."""
    import fcntl

    folder = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another command is installing in this folder; waiting for it …", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        except OSError:
            # Some network drives know no locks; there it goes on without.
            pass
        yield
    finally:
        os.close(folder)
