"""Ports of this machine: which are free, and what has one that is not."""

import pwd
import secrets
import shutil
import socket
import subprocess
from pathlib import Path

from playground.processes import holding

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LISTENING = "0A"
QUIET = range(26_000, 32_768)
"""Above what is well known, below what Linux, macOS and Windows hand out by themselves."""


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: an address that only lingers from the last run is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Not one that the system gives to whoever asks for any: it would be taken while its owner is away."""
    for port in secrets.SystemRandom().sample(QUIET, 50):
        if is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def user_of(port: int) -> str:
    """The program that listens there, as far as it can be known."""
    if not TABLES[0].exists():
        return _asked_of_lsof(port)
    sockets = _listening(port)
    if program := next((each for inode in sockets for each in holding(f"socket:[{inode}]")), None):
        return program
    others = {_name(uid) for uid in sockets.values()}
    return f"a program of the user {others.pop()}" if others else "a program that cannot be seen from here"


def _listening(port: int) -> dict[str, int]:
    """Inode and owner of each socket that listens on the port."""
    found = {}
    for table in TABLES:
        lines = table.read_text().splitlines()[1:] if table.exists() else []
        for fields in map(str.split, lines):
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                found[fields[9]] = int(fields[7])
    return found


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _asked_of_lsof(port: int) -> str:
    lsof = shutil.which("lsof")
    if lsof is None:
        return "another program"
    asked = [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"]
    told = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=False).stdout  # noqa: S603
    fields = {line[:1]: line[1:] for line in told.splitlines()}
    return f"{fields['c']} (process {fields['p']})" if {"c", "p"} <= fields.keys() else "another program"
