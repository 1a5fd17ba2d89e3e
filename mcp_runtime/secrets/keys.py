"""The master keys: from the environment, or from a file beside the SQLite database."""

import base64
import hashlib
import os
import secrets
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import make_url

KEY_BYTES = 32


class KeyUnusable(Exception):
    """There is no master key that can be used. The text says what to do and never holds the key."""


@dataclass(frozen=True)
class MasterKey:
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise KeyUnusable(f"a master key has {KEY_BYTES} bytes, this one has {len(self.secret)}")

    @property
    def id(self) -> str:
        return hashlib.sha256(b"usher key id" + self.secret).hexdigest()[:16]


def parse_keys(text: str) -> list[MasterKey]:
    """Keys as URL-safe base64, separated by commas, the newest first; raises `KeyUnusable`."""
    return [_parse_key(word) for word in text.replace(",", " ").split()]


def _parse_key(word: str) -> MasterKey:
    try:
        return MasterKey(base64.b64decode(word, altchars=b"-_", validate=True))
    except ValueError:
        raise KeyUnusable("a master key is not URL-safe base64") from None


def keys_for(secret_key: str | None, database_url: str) -> Sequence[MasterKey]:
    """What ``SECRET_KEY`` holds, else the key file beside the SQLite database, made if need be.

    Raises `KeyUnusable` when there is neither.
    """
    if secret_key and secret_key.strip():
        return parse_keys(secret_key)
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        raise KeyUnusable("SECRET_KEY must be set: only beside an SQLite file can a key file be made")
    if url.database in (None, "", ":memory:"):
        return [MasterKey(secrets.token_bytes(KEY_BYTES))]  # lives as long as the database
    return key_file(Path(f"{url.database}.key"))


def keys_again(secret_key: str | None, database_url: str) -> Callable[[], Sequence[MasterKey]] | None:
    """How to read them once more, making none; None where they cannot change while we run."""
    if (secret_key and secret_key.strip()) or make_url(database_url).database in (None, "", ":memory:"):
        return None
    path = Path(f"{make_url(database_url).database}.key")
    return lambda: _read(path)


def add_key(database_url: str) -> None:
    """A new one, before those in the key file; whole or not at all. Raises `KeyUnusable`."""
    path = Path(f"{make_url(database_url).database}.key")
    there = path.stat()
    known = [base64.urlsafe_b64encode(key.secret) for key in key_file(path)]
    fresh = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES))
    with NamedTemporaryFile(dir=path.parent, prefix=".key-", delete=False) as file:  # made with mode 0600
        file.write(b"\n".join([fresh, *known]) + b"\n")
        file.flush()
        os.fsync(file.fileno())
        if (there.st_uid, there.st_gid) != (os.geteuid(), os.getegid()):  # whoever runs Usher has to go on reading it
            os.fchown(file.fileno(), there.st_uid, there.st_gid)
    Path(file.name).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # before any secret is sealed by it
    finally:
        os.close(folder)


def key_file(path: Path) -> Sequence[MasterKey]:
    """The keys in this file; a new one is made whole or not at all, also when two processes start at once."""
    if not path.exists():
        _make(path)
    return _read(path)


def _read(path: Path) -> Sequence[MasterKey]:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise KeyUnusable(f"{path.name} can be read by others: `chmod 600` it, and change the key if they may have")
    if not (keys := parse_keys(path.read_text(encoding="ascii"))):
        raise KeyUnusable(f"{path.name} is empty")
    return keys


def _make(path: Path) -> None:
    with NamedTemporaryFile(dir=path.parent, prefix=".key-") as fresh:  # made with mode 0600
        fresh.write(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        fresh.flush()
        os.fsync(fresh.fileno())
        with suppress(FileExistsError):  # another process was first: its key counts
            os.link(fresh.name, path)
