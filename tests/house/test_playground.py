"""What `usher try` keeps between runs: a port that cannot be had again is told, never replaced in silence."""

import json
import socket
import stat
from pathlib import Path

import pytest

from playground import ports, state
from playground.folder import OURS, empty
from playground.state import State, kept, take_up
from playground.trouble import CannotStart
from tests.support.ports import free_port


@pytest.fixture(autouse=True)
def free_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """A playground that runs on this machine is none of these tests' business."""
    for name in state.WANTED:
        monkeypatch.setitem(state.WANTED, name, free_port())


def refusal(folder: Path, page_port: int | None = None) -> str:
    with pytest.raises(CannotStart) as refused:
        take_up(folder, page_port)
    return str(refused.value)


def test_ports_and_tokens_are_kept(tmp_path: Path) -> None:
    first = take_up(tmp_path)

    assert take_up(tmp_path) == first == kept(tmp_path)
    assert first.ports == state.WANTED
    assert stat.S_IMODE((tmp_path / "playground.json").stat().st_mode) == 0o600


def test_the_tokens_show_in_no_repr_and_differ_from_folder_to_folder(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, other = take_up(tmp_path), take_up(tmp_path / "other")

    assert one.page_token not in repr(one) and one.notes_token not in repr(one)
    assert one.page_token != other.page_token and len(one.page_token) >= 32


def test_on_a_first_run_a_port_that_is_taken_is_replaced_and_the_pages_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", state.WANTED["page"])):
        first = take_up(tmp_path)

    assert first.ports["page"] != state.WANTED["page"]
    assert str(state.WANTED["page"]) in first.moved and f"(process {_me()})" in first.moved
    assert take_up(tmp_path).moved == ""


@pytest.mark.parametrize("name", ["page", "usher", "notes", "model"])
def test_a_kept_port_that_somebody_else_has_is_told_and_nothing_changes(tmp_path: Path, name: str) -> None:
    first = take_up(tmp_path)
    before = (tmp_path / "playground.json").read_bytes()
    with socket.create_server(("127.0.0.1", first.ports[name])):
        told = refusal(tmp_path)

    assert f"Port {first.ports[name]}" in told and state.CALLED[name] in told
    assert f"(process {_me()})" in told
    assert "--fresh" in told and ("--port" in told) == (name == "page")
    assert (tmp_path / "playground.json").read_bytes() == before


def _me() -> str:
    return Path("/proc/self").readlink().name


def test_all_that_is_taken_is_told_at_once(tmp_path: Path) -> None:
    first = take_up(tmp_path)
    with (
        socket.create_server(("127.0.0.1", first.ports["usher"])),
        socket.create_server(("127.0.0.1", first.ports["notes"])),
    ):
        told = refusal(tmp_path)

    assert str(first.ports["usher"]) in told and str(first.ports["notes"]) in told


def test_the_demo_models_port_does_not_matter_to_who_brings_a_key(tmp_path: Path) -> None:
    first = take_up(tmp_path)
    with socket.create_server(("127.0.0.1", first.ports["model"])):
        assert take_up(tmp_path, unneeded=frozenset({"model"})) == first


def test_a_port_of_its_own_is_none_that_the_system_gives_to_others() -> None:
    told = Path("/proc/sys/net/ipv4/ip_local_port_range")  # of Linux; others begin higher
    given = {ports.free_port() for _ in range(50)}

    assert max(given) < (int(told.read_text().split()[0]) if told.exists() else 49_152)
    assert len(given) > 40


def test_where_no_quiet_port_is_free_any_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda _: False)

    assert ports.free_port() not in ports.QUIET


def test_a_port_asked_for_is_taken_and_kept(tmp_path: Path) -> None:
    take_up(tmp_path)
    wanted = free_port()

    assert take_up(tmp_path, wanted).ports["page"] == wanted
    assert take_up(tmp_path).ports["page"] == wanted


def test_a_port_asked_for_that_is_taken_is_told_and_nothing_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = refusal(tmp_path, port)

    assert f"Port {port}" in told and "`--port`" in told and "--fresh" not in told
    assert list(tmp_path.iterdir()) == []


def test_a_port_asked_for_that_is_one_of_its_own_is_told(tmp_path: Path) -> None:
    first = take_up(tmp_path)

    assert "already Notes's" in refusal(tmp_path, first.ports["notes"])


DAMAGED = {
    "cut off": b'{"ports": {"page": 84',
    "empty": b"",
    "a list": b"[]",
    "not text": b"\xff\xfe\x00",
    "a port that is none": b'{"ports": {"page": "8420"}}',
    "a port out of range": b'{"ports": {"page": 70000}}',
    "one port twice": b'{"ports": {"page": 8420, "usher": 8420}}',
    "an unknown part": b'{"ports": {"door": 8420}}',
    "a token that is none": b'{"page_token": 7}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_told_with_the_cure_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "playground.json").write_bytes(content)

    told = refusal(tmp_path)

    assert "playground.json is damaged" in told and "--fresh" in told
    assert (tmp_path / "playground.json").read_bytes() == content


def test_what_an_older_version_kept_is_taken_up(tmp_path: Path) -> None:
    ports = {name: free_port() for name in state.WANTED}
    (tmp_path / "playground.json").write_text(json.dumps({"ports": ports, "notes_token": "notes-1234"}))

    taken_up = take_up(tmp_path)

    assert (taken_up.ports, taken_up.notes_token) == (ports, "notes-1234")
    assert taken_up.page_token


def test_a_write_that_breaks_off_leaves_the_old_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = take_up(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        take_up(tmp_path, free_port())

    assert kept(tmp_path) == first
    assert {each.name for each in tmp_path.iterdir()} == {"playground.json"}


def test_a_folder_without_state_has_nothing_running(tmp_path: Path) -> None:
    assert kept(tmp_path) is None


def test_to_begin_anew_deletes_what_is_ours_and_nothing_else(tmp_path: Path) -> None:
    take_up(tmp_path)
    (tmp_path / "slack").mkdir()
    for name in ("usher.db", "usher.db.key", "notes.json", "cards.json", "slack/slack.sqlite3", "letter.txt"):
        (tmp_path / name).write_text("x")

    empty(tmp_path)

    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]
    assert "*" not in OURS


def test_what_has_a_port_is_named_as_far_as_it_can_be_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"(process {_me()})" in ports.user_of(port)
        monkeypatch.setattr(ports, "holding", lambda _: iter(()))
        assert ports.user_of(port).startswith("a program of the user ")
    assert ports.user_of(port) == "a program that cannot be seen from here"
    monkeypatch.setattr(ports, "TABLES", (tmp_path / "tcp",))
    monkeypatch.setattr(ports.shutil, "which", lambda _: None)
    assert ports.user_of(port) == "another program"


def test_the_address_of_the_page_holds_its_secret() -> None:
    there = State(Path(), {"page": 8420, "usher": 1, "notes": 2, "model": 3}, "n", "secret")

    assert there.page_url == "http://127.0.0.1:8420/?token=secret"
