"""`.env` is written into, and nothing else of it is touched."""

import os
import stat
from pathlib import Path

import pytest

from bot.maintenance.slack_app.env_file import filled, put
from tests.house.slack_app.conftest import Clone


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "A=new\n"),
        ("B=1", "B=1\nA=new\n"),
        ("A=old\nB=1\n", "A=new\nB=1\n"),
        ("export a = 'old' # mine\nAA=1\n", "A=new\nAA=1\n"),
        ("# what A is\n#A=example\nB=1\n", "# what A is\n#A=example\nA=new\nB=1\n"),
        ("A=first\nA=second\n#A=\n", "A=first\nA=new\n#A=\n"),
        ("A=old\r\nB=1\r\n", "A=new\r\nB=1\r\n"),
    ],
)
def test_a_value_takes_the_place_of_the_old_one(before: str, after: str) -> None:
    assert filled(before, {"A": "new"}) == after
    assert filled(after, {"A": None}) == "".join(
        line for line in after.splitlines(keepends=True) if not line.startswith("A=")
    )


@pytest.mark.parametrize("value", ["", "two words", "one\nB=2", "schön"])
def test_a_value_that_could_be_read_otherwise_is_not_written(value: str) -> None:
    with pytest.raises(ValueError, match="no plain word"):
        filled("", {"A": value})


def test_a_link_stays_a_link_and_nobody_else_reads_what_it_leads_to(clone: Clone) -> None:
    real, link = clone.folder / "real", clone.folder / ".env"
    real.write_text("B=1\n")
    real.chmod(0o644)
    link.symlink_to(real)
    put(link, {"A": "new"})
    assert link.is_symlink() and real.read_text() == "B=1\nA=new\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert {each.name for each in clone.folder.iterdir()} == {"real", ".env"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_belongs_to_the_account_of_usher_still_does_when_root_fills_it_in(tmp_path: Path) -> None:
    (file := tmp_path / ".env").write_text("B=1\n")
    os.chown(file, 10001, 10002)
    put(file, {"A": "new"})
    assert (file.stat().st_uid, file.stat().st_gid, stat.S_IMODE(file.stat().st_mode)) == (10001, 10002, 0o600)


async def test_a_file_that_cannot_be_used_is_told_before_an_app_is_made(clone: Clone) -> None:
    (clone.folder / ".env").write_bytes(b"A=\xff\xfe\n")
    code, told = await clone.types("create", clone.slack.configuration.token)
    assert code == 2 and "has to be text in UTF-8" in told
    (clone.folder / ".env").unlink()
    (clone.folder / ".env").mkdir()
    code, told = await clone.types("create", clone.slack.configuration.token)
    assert code == 2 and ".env" in told and not clone.slack.configuration.apps
