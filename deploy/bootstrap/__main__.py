"""Make Usher ready: ``python3 deploy/bootstrap run|tests [--exactly]``; ``lock`` pins the dependencies anew.

Every Python can read this file, 2.7 too: one that is too old is to say so, or to hand over to a newer one that is here.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
OLDEST = (3, 11)
NAMES = ("python3.13", "python3.12", "python3.11", "python3.14", "python3", "python")
CHECK = "import sys; sys.exit(sys.version_info[:2] < (3, 11))"
TOO_OLD = "Usher needs Python 3.11 or later; this is Python {0} ({1})"
CURE = (
    "{0}, and there is none on the PATH. Install one (Debian, Ubuntu, WSL: sudo apt install python3.13 python3.13-venv,"
    " or the newest there is; macOS: brew install python@3.13), or name one: PYTHON=/path/to/python3.13\n"
)
EXACTLY = "{0}; PYTHON names it. {1}\n"


def newer():
    """The path of a Python that is new enough and starts, or None."""
    for name in NAMES:
        for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK) and not os.path.isdir(path) and starts(path):
                return path
    return None


def starts(path):
    with open(os.devnull, "w") as nowhere:
        try:
            return subprocess.call([path, "-c", CHECK], stdout=nowhere, stderr=nowhere) == 0
        except OSError:
            return False


def hand_over(arguments):
    """Go on with a newer Python; the exit code when that cannot be."""
    this = TOO_OLD.format(sys.version.split()[0], sys.executable)
    # The Python of an environment that stands is the first choice, and nothing that has to be told again.
    there = os.path.join(os.path.dirname(os.path.dirname(HERE)), ".venv", "bin", "python")
    found = newer()
    if "--exactly" in arguments:
        other = "Try PYTHON=" + found if found else "Name a newer one."
        sys.stderr.write(EXACTLY.format(this, other))
        return 1
    if starts(there):
        found = there
    elif found is None:
        sys.stderr.write(CURE.format(this))
        return 1
    else:
        sys.stdout.write(this + ": going on with " + found + "\n")
        sys.stdout.flush()
    os.execv(found, [found, HERE] + arguments)


def main(arguments):
    if sys.version_info[:2] < OLDEST:
        return hand_over(arguments)
    sys.path.insert(0, os.path.dirname(HERE))
    from bootstrap.commands import main as go_on

    return go_on(arguments)


sys.exit(main(sys.argv[1:]))
