"""What the playground keeps between runs: its ports, the token of Notes, and where the rest lies."""

import json
import secrets
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

WANTED = {"page": 8420, "usher": 8421, "notes": 8422, "model": 8423}


@dataclass(frozen=True)
class State:
    folder: Path
    ports: dict[str, int]
    notes_token: str

    @property
    def notes_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['notes']}/mcp"

    @property
    def usher_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['usher']}"


def take_up(folder: Path, page_port: int | None = None) -> State:
    """The state in this folder, made when there is none; a port that is taken is replaced by a free one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "playground.json"
    kept = json.loads(file.read_text()) if file.exists() else {}
    wanted = WANTED | kept.get("ports", {}) | ({"page": page_port} if page_port else {})
    ports: dict[str, int] = {}
    for name, port in wanted.items():
        ports[name] = port if is_free(port) and port not in ports.values() else free_port()
    state = State(folder, ports, kept.get("notes_token") or f"notes-{secrets.token_hex(8)}")
    told = asdict(state)
    del told["folder"]
    file.write_text(json.dumps(told, indent=1))
    file.chmod(0o600)
    return state


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
