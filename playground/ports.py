"""Ports of this machine: which are free, and what has one that is not."""

import pwd
import shutil
import socket
import subprocess
from pathlib import Path

PROC = Path("/proc")
LISTENING = "0A"
WORDS = 3
"""Of a program's command line: enough to know it by."""


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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def user_of(port: int) -> str:
    """The program that listens there, as far as it can be known."""
    if not (PROC / "net" / "tcp").exists():
        return _asked_of_lsof(port)
    sockets = _listening(port)
    pid = next((pid for pid in _processes() if sockets.keys() & _sockets_of(pid)), None)
    if pid is not None:
        return f"{_command(pid)} (process {pid.name})"
    others = {_name(uid) for uid in sockets.values()}
    return f"a program of the user {others.pop()}" if others else "a program that cannot be seen from here"


def _listening(port: int) -> dict[str, int]:
    """Inode and owner of each socket that listens on the port."""
    found = {}
    for table in ("tcp", "tcp6"):
        file = PROC / "net" / table
        lines = file.read_text().splitlines()[1:] if file.exists() else []
        for fields in map(str.split, lines):
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                found[fields[9]] = int(fields[7])
    return found


def _processes() -> list[Path]:
    return [each for each in PROC.iterdir() if each.name.isdigit()]


def _sockets_of(process: Path) -> set[str]:
    try:
        links = [_target(each) for each in (process / "fd").iterdir()]
    except OSError:  # it has ended, or is somebody else's
        return set()
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # closed since it was listed
        return ""


def _command(process: Path) -> str:
    try:
        words = (process / "cmdline").read_text(errors="replace").split("\0")
    except OSError:
        words = []
    shown = [Path(words[0]).name, *words[1:WORDS]] if words else []
    return " ".join(word for word in shown if word)[:80] or "a program"


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
