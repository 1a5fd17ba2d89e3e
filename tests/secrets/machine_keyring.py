"""A real Secret Service: gnome-keyring's daemon on a session bus of its own, in a home that is thrown away."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon")
BUS = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"]
DAEMON = ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"]
PATIENCE = 20.0


def missing() -> str:
    """Which of its programs is not here; empty when all are."""
    return next((name for name in PROGRAMS if shutil.which(name) is None), "")


@contextmanager
def secret_service(home: Path) -> Iterator[str]:
    """The address of the bus on which it answers."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(BUS, stdout=subprocess.PIPE, stderr=quiet, text=True) as bus:
        try:
            assert bus.stdout
            address = bus.stdout.readline().strip()
            given = {"PATH": os.environ["PATH"], "DBUS_SESSION_BUS_ADDRESS": address}
            given |= dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"), str(home))
            with subprocess.Popen(DAEMON, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, env=given) as daemon:
                try:
                    assert daemon.stdin
                    daemon.stdin.write(b"a password of the test")
                    daemon.stdin.close()
                    _wait_for(address)
                    yield address
                finally:
                    daemon.terminate()
        finally:
            bus.terminate()


def _wait_for(address: str) -> None:
    """Until it answers: the bus starts no other in its place."""
    to = "--dest=org.freedesktop.secrets"
    asked = ["dbus-send", f"--bus={address}", "--print-reply", to, "/org/freedesktop/secrets"]
    until = time.monotonic() + PATIENCE
    while subprocess.run([*asked, "org.freedesktop.DBus.Peer.Ping"], capture_output=True).returncode:
        assert time.monotonic() < until, "the Secret Service does not answer"
        time.sleep(0.05)  # there is nothing to wait on
