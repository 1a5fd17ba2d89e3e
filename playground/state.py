"""What the playground keeps between runs: its ports, its tokens, and where the rest lies."""

import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground.ports import free_port, is_free, user_of
from playground.trouble import CannotStart

FILE = "playground.json"
WANTED = {"page": 8420, "usher": 8421, "notes": 8422, "model": 8423, "calendar": 8424}
CALLED = {
    "page": "the page",
    "usher": "Usher",
    "notes": "Notes",
    "model": "the demo model",
    "calendar": "Calendar",
}
BEGIN_ANEW = "`--fresh` begins anew, on free ports, and forgets the conversations, connections and links kept here"


@dataclass(frozen=True)
class State:
    folder: Path
    ports: dict[str, int]
    notes_token: str = field(repr=False)
    page_token: str = field(repr=False)
    moved: str = field(default="", compare=False)
    """Why the page is not at its usual port, on a first run."""

    @property
    def page_url(self) -> str:
        """With the secret that opens it."""
        return f"http://127.0.0.1:{self.ports['page']}/?token={self.page_token}"

    @property
    def api_secret(self) -> str:
        """For the app's tokens: they would open what the page's address protects."""
        return hashlib.sha256(b"tokens of " + self.page_token.encode()).hexdigest()[:32]

    @property
    def notes_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['notes']}/mcp"

    @property
    def calendar_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['calendar']}"

    @property
    def usher_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['usher']}"


def kept(folder: Path) -> State | None:
    """What the last run left, or what the running one has; None before the first. Raises `CannotStart`."""
    told = _read(folder / FILE)
    if not (WANTED.keys() <= told.get("ports", {}).keys() and told.keys() >= {"notes_token", "page_token"}):
        return None
    return State(folder, told["ports"], told["notes_token"], told["page_token"])


def take_up(folder: Path, page_port: int | None = None, unneeded: frozenset[str] = frozenset()) -> State:
    """The state in this folder, made when there is none; raises `CannotStart`, and then nothing was changed.

    A kept port stays what it is, since links and connections lead to it; on a first run one that is taken is replaced.
    """
    told = _read(folder / FILE)
    asked = {"page": page_port} if page_port else {}
    fixed: dict[str, int] = {**told.get("ports", {}), **asked}
    _all_free({name: port for name, port in fixed.items() if name not in unneeded}, asked)
    ports = dict(fixed)
    for name, port in WANTED.items():
        if name not in ports:
            ports[name] = port if port not in ports.values() and is_free(port) else free_port()
    state = State(
        folder,
        ports,
        notes_token=told.get("notes_token") or f"notes-{secrets.token_hex(8)}",
        page_token=told.get("page_token") or secrets.token_urlsafe(24),
        moved="" if "page" in fixed or ports["page"] == WANTED["page"] else _taken("page", WANTED["page"]),
    )
    write(folder / FILE, {"ports": ports, "notes_token": state.notes_token, "page_token": state.page_token})
    return state


def can_have(page_port: int | None) -> None:
    """Asked before anything is forgotten for it; raises `CannotStart`."""
    if page_port:
        _all_free({"page": page_port}, {"page": page_port})


def write(file: Path, told: Mapping[str, Any]) -> None:
    """All of it or nothing, for the owner's eyes."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as new:
            json.dump(told, new, indent=1)
            new.flush()
            os.fsync(descriptor)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _all_free(ports: Mapping[str, int], asked: Mapping[str, int]) -> None:
    for name, port in asked.items():
        if other := next((each for each in ports if each != name and ports[each] == port), None):
            raise CannotStart(f"Port {port} is already {CALLED[other]}'s in this folder: give `--port` another one.")
    if not (taken := [(name, port) for name, port in ports.items() if not is_free(port)]):
        return
    told = [_taken(name, port) for name, port in taken]
    if taken[0][0] in asked and len(taken) == 1:
        raise CannotStart(f"{told[0]} Give `--port` another one, or stop what has it.")
    cures = ["Stop what has it and start again." if len(taken) == 1 else "Stop what has them and start again."]
    if taken[0][0] == "page":
        cures.append("`--port` puts the page elsewhere.")
    raise CannotStart("\n".join([*told, f"{' '.join(cures)} Or: {BEGIN_ANEW}."]))


def _taken(name: str, port: int) -> str:
    return f"Port {port}, where {CALLED[name]} should be, is taken by {user_of(port)}."


def _read(file: Path) -> dict[str, Any]:
    try:
        told = json.loads(file.read_text()) if file.exists() else {}
        if not _is_state(told):
            raise ValueError
    except ValueError:  # of JSON, of UTF-8
        raise CannotStart(
            f"{file} is damaged, and it names the ports and tokens of all that is kept here. Put it back from a "
            f"backup. Or: {BEGIN_ANEW}."
        ) from None
    return dict(told)


def _is_state(told: object) -> bool:
    if not isinstance(told, dict) or not isinstance(ports := told.get("ports", {}), dict):
        return False
    numbers = [port for port in ports.values() if type(port) is int and 0 < port < 65536]
    well_numbered = ports.keys() <= WANTED.keys() and len(set(numbers)) == len(ports)
    return well_numbered and all(isinstance(told.get(name, ""), str) for name in ("notes_token", "page_token"))
