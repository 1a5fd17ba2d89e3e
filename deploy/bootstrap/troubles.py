"""What can go wrong with an installation on somebody's machine, each in one sentence with its cure."""

import errno
import os
import platform
import re
import shutil
from pathlib import Path

ROOM = "about 500 MB"
FULL = 20_000_000  # bytes; less is left than the smallest step takes


class Trouble(Exception):
    """Its text is for the person at the keyboard."""


DISK = (
    f"There is no room left on the disk: {ROOM} are needed in {{root}}, and for a moment in {{tmp}} "
    "(TMPDIR names another place for that)."
)
READ_ONLY = "The folder {root} is read-only: copy it to a place where you may write, and install there."
NOT_YOURS = (
    'You may not write {path}; if it was made with sudo, this gives it back to you: sudo chown -R "$(id -un)" {path}'
)
REPACKED = (
    "A file is not the one that was locked, so a mirror or a proxy changed it on the way: "
    "set PIP_INDEX_URL to an index that hands out the files as they are."
)
CERTIFICATE = (
    "The package index shows a certificate that is not trusted here, as behind a proxy that opens TLS: "
    "set PIP_CERT and SSL_CERT_FILE to that proxy's certificate (a .pem file)."
)
PROXY = (
    "The proxy refuses or cannot be reached: set HTTPS_PROXY to one that works (http://name:password@host:port), "
    "or PIP_INDEX_URL to a mirror that needs none."
)
NOT_TRUSTED = (
    "The index in PIP_INDEX_URL is not reached by https, so it is not trusted: use its https address, "
    "or allow it with PIP_TRUSTED_HOST=its host's name; the hashes hold either way."
)
SIGN_IN = (
    "The package index refuses without the right name and password: put them into ~/.netrc, "
    "or into PIP_INDEX_URL=https://name:password@host/simple"
)
ITS_OWN = "The package index has a trouble of its own: try again in a while, or set PIP_INDEX_URL to another."
OFFLINE = (
    "The package index cannot be reached. Without a network, bring the files along: on a machine of the same kind with "
    "the same Python, `python3 -m pip download --no-deps --require-hashes --only-binary :all: -r {lock} -d wheels`, "
    "and here PIP_NO_INDEX=1 PIP_FIND_LINKS=wheels before the same command."
)
LAGS = (
    "The package index has no ready-made file of {what} for Python {python} on {machine}: a mirror that lags behind "
    "gets it later (or set PIP_INDEX_URL to another), a Python that is newer than Usher, or a rare machine, never has "
    "it (try PYTHON=python3.13, or the container image)."
)
NOT_IN_FOLDER = (
    "The folder in PIP_FIND_LINKS has no file of {what} for Python {python} on {machine}: "
    "fill it on a machine of the same kind with the same Python, from this very {lock}."
)
ENDED = "The installation was ended from outside, as when memory runs out: the same command begins it anew."
UNKNOWN = "The installation failed, for the reason above; the same command begins it anew."

# The first that fits: what pip and uv print, nearest cause first, since a failed download also ends in “no matching”.
SIGNS = (
    (r"No space left on device|\[Errno 28\]|os error 28", DISK),
    (r"Read-only file system|\[Errno 30\]|os error 30", READ_ONLY),
    (r"DO NOT MATCH THE HASHES|Hash mismatch", REPACKED),
    (r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer", CERTIFICATE),
    (r"ProxyError|connect to proxy|proxy connection error|[Tt]unnel (connection|error)", PROXY),
    (r"not a trusted or secure host", NOT_TRUSTED),
    (r"40[13] (Client Error|Unauthorized|Forbidden)|HTTP error 40[13]|\b40[13] Error", SIGN_IN),
    (r"\b5\d\d (Server Error|error responses|Internal|Bad Gateway|Service Unavailable|Gateway)", ITS_OWN),
    (
        r"NewConnectionError|NameResolutionError|Failed to (resolve|establish|fetch)|name resolution|"
        r"(Connect|Read)TimeoutError|Network is unreachable|dns error|error sending request|[Cc]onnect(ion)? error|"
        r"Connection (refused|reset|aborted)|timed out",
        OFFLINE,
    ),
    # After the network's: a connection can be forbidden in the same words.
    (r"Permission denied|\[Errno 13\]|os error 13", NOT_YOURS),
    (r"No matching distribution|Could not find a version|no usable wheels|No solution found|not found in", LAGS),
)
FORBIDDEN = re.compile(r"Permission denied: '(/[^'\n]+)'|`(/[^`\n]+)`: Permission denied")
WHAT = re.compile(r"(?:No matching distribution found for|no version of|Because(?! there)) ([\w.=+-]+)")


def cure(told: str, root: Path, lock: str, returncode: int = 1) -> str:
    """The sentence for what a program said before it failed."""
    found = _sign(told) or (ENDED if returncode < 0 else UNKNOWN)
    # Some programs keep the reason to themselves, as venv does with ensurepip's.
    if found in (UNKNOWN, ENDED) and _full(root):
        found = DISK
    if found is LAGS and os.environ.get("PIP_NO_INDEX"):
        found = NOT_IN_FOLDER
    what = WHAT.search(told)
    return found.format(
        root=root,
        path=_forbidden(told, root),
        tmp=_tmp(),
        lock=lock,
        what=what[1] if what else "a package",
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
    )


def _forbidden(told: str, root: Path) -> Path:
    """The folder itself, for it is whole that it comes back; else the path outside of it that was named."""
    named = FORBIDDEN.search(told)
    path = Path(named[1] or named[2]) if named else root
    return path if path.is_absolute() and not path.is_relative_to(root) else root


def is_unclear(told: str) -> bool:
    """Whether it says that a file is missing, or nothing, and keeps the reason to itself."""
    return _sign(told) in (None, LAGS)


def _sign(told: str) -> str | None:
    return next((text for sign, text in SIGNS if re.search(sign, told)), None)


def of_the_disk(error: OSError, root: Path) -> Trouble | None:
    """The trouble that the file system makes; None when it is another's."""
    path = error.filename or root
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return Trouble(DISK.format(root=root, tmp=_tmp()))
        case errno.EROFS:
            return Trouble(READ_ONLY.format(root=root))
        case errno.EACCES | errno.EPERM:
            return Trouble(NOT_YOURS.format(path=path))
    return None


def _tmp() -> str:
    # The library's own answer needs room to try a file.
    return os.environ.get("TMPDIR", "/tmp")  # noqa: S108 - told and measured, never written to


def _full(root: Path) -> bool:
    return any(shutil.disk_usage(place).free < FULL for place in (root, _tmp()) if Path(place).exists())
