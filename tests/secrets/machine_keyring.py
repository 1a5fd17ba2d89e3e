"""A real Secret Service: gnome-keyring's daemon on a session bus of its own, in a home that is thrown away."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon")
BUS = ["dbus-daemon", "--nofork", "--nopidfile", "--print-address=1"]
# Without the system's services: the bus would start another keyring by itself, in the home of whoever runs the tests.
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""
DAEMON = ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"]
PATIENCE = 60.0


def missing() -> str:
    """Which of its programs is not here; empty when all are."""
    return next((name for name in PROGRAMS if shutil.which(name) is None), "")


@contextmanager
def secret_service(home: Path) -> Iterator[str]:
    """The address of the bus on which it answers."""
    quiet, config = subprocess.DEVNULL, home / "bus.conf"
    config.write_text(CONFIG)
    with subprocess.Popen([*BUS, f"--config-file={config}"], stdout=subprocess.PIPE, stderr=quiet, text=True) as bus:
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
    """Until it answers and has opened the keyring in which new secrets go: it makes that after its start."""
    to = ["--dest=org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.ReadAlias"]
    asked = ["dbus-send", f"--bus={address}", "--print-reply=literal", *to, "string:default"]
    until = time.monotonic() + PATIENCE
    while b"/collection/" not in subprocess.run(asked, capture_output=True).stdout:
        assert time.monotonic() < until, "the Secret Service does not answer"
        time.sleep(0.05)  # there is nothing to wait on
