"""A throw-away PostgreSQL cluster: no service, no port, gone with the test run even when that is killed."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from tests.support.psql import Psql
from tests.support.spare_databases import Spare

READY = "database system is ready to accept connections"
# Durability is what a cluster that lives for seconds can do without; and nothing may be tidied up behind a test's back.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "100",
}
LASTING = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""As it comes, for what looks whether it would outlive a power cut."""


OWNER, APP = "postgres", "usher_app"
"""Who made the tables; and who the product is, once they are made: one who owns nothing and meets every policy."""


def as_owner(url: str) -> str:
    """The same database, for who may change its tables; SQLite's is all one's own."""
    return url.replace(f"//{APP}@", f"//{OWNER}@")


class PostgresMissing(Exception):
    """The message says what to install."""


class Postgres:
    def __init__(self, home: Path, binaries: Path, settings: Mapping[str, str] = SETTINGS) -> None:
        self._settings = settings
        self.home = home
        self.binaries = binaries
        self._open = ExitStack()
        self._serving = ExitStack()
        self._server: subprocess.Popen[str] | None = None
        self._spare: dict[str, list[Spare]] = defaultdict(list)
        self._console: Psql | None = None

    def url(self, database: str, role: str = OWNER) -> str:
        return f"postgresql+asyncpg://{role}@/{database}?host={self.home}"

    def psql(self, statement: str) -> None:
        if self._console is None:
            self._console = self._connected("postgres")
        self._console.ask(statement)

    def start(self) -> None:
        self._server = self._serving.enter_context(_server(self.binaries, self.home, self._settings))

    @property
    def process(self) -> int:
        """Of the server: those that serve its clients are children of it."""
        assert self._server
        return self._server.pid

    def crash(self) -> None:
        """As when its machine goes down: nobody is told, and the next `start` recovers from the log."""
        assert self._server
        self._server.send_signal(signal.SIGQUIT)
        self._serving.close()
        self._console = None

    def close(self) -> None:
        self._open.close()
        self._serving.close()

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The URL of a database for one test; one that was given back and could be made as new is taken again."""
        spare = self._spare[template].pop() if self._spare[template] else self._copy(template)
        try:
            yield self.url(spare.name, APP if spare.migrated else OWNER)
        finally:
            if spare.wiped():
                self._spare[template].append(spare)
            else:
                spare.console.close()
                self.psql(f"DROP DATABASE {spare.name} WITH (FORCE)")

    def _copy(self, template: str) -> Spare:
        name = f"test_{uuid.uuid4().hex}"
        self.psql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return Spare(name, self._connected(name), migrated=template != "template1")

    def _connected(self, database: str) -> Psql:
        return self._open.enter_context(Psql(self.binaries / "psql", self.home, database))


@contextmanager
def running_postgres(
    *, lasting: bool = False, prepared: Callable[[Path], Mapping[str, str]] = lambda _: {}
) -> Iterator[Postgres]:
    """A cluster of its own; raises `PostgresMissing`. ``prepared`` finds its folder made, and gives settings more."""
    settings = {**SETTINGS, **(LASTING if lasting else {})}
    bin_dir = _binaries()
    # Short, since the path of a Unix socket may have 107 bytes; not pytest's tmp_path, which only its owner enters.
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(home, "postgres")
        _initdb(bin_dir, home / "data")
        with closing(Postgres(home, bin_dir, {**settings, **prepared(home / "data")})) as cluster:
            cluster.start()
            yield cluster
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _binaries() -> Path:
    """Where `initdb` and `postgres` live; Debian keeps them off the PATH."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not installed:
        raise PostgresMissing("initdb is not installed (Debian: apt-get install postgresql)")
    return installed[-1].parent


def _as_owner() -> list[str]:
    """PostgreSQL refuses root, so root becomes the user that the package made."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]


def _dying_with_us() -> list[str]:
    """Its fast shutdown, SIGINT, when the thread that started it ends, even by SIGKILL (util-linux 2.38 on)."""
    if shutil.which("setpriv") is None:
        return []
    known = subprocess.run(["setpriv", "--help"], capture_output=True, text=True, check=False).stdout
    return ["setpriv", "--pdeathsig", "INT"] if "--pdeathsig" in known else []


def _initdb(bin_dir: Path, data: Path) -> None:
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    command = [*_as_owner(), str(bin_dir / "initdb"), "-D", str(data), *options]
    subprocess.run(command, check=True, capture_output=True, text=True, cwd="/")


@contextmanager
def _server(bin_dir: Path, home: Path, chosen: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    settings = [f"-c{name}={value}" for name, value in chosen.items()]
    program = [str(bin_dir / "postgres"), "-D", str(home / "data"), "-k", str(home), *settings]
    command = [*_as_owner(), *_dying_with_us(), *program]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd="/", start_new_session=True)
    assert server.stderr is not None
    # Somebody has to go on reading, or the server would stop at a full pipe.
    reader = threading.Thread(target=deque, args=(server.stderr, 0), daemon=True)
    try:
        _wait_until_ready(server.stderr)
        reader.start()
        yield server
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown; does nothing to a server that has ended
        server.wait(timeout=60)
        if reader.is_alive():
            reader.join()
        server.stderr.close()


def _wait_until_ready(stderr: Iterable[str]) -> None:
    said: deque[str] = deque(maxlen=20)
    for line in stderr:
        said.append(line)
        if READY in line:
            return
    raise RuntimeError("PostgreSQL did not start: " + "".join(said))
