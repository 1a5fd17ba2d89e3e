"""A copy of the SQLite file: whole, private, of one moment, and never half there."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from storage.backup import BackupFailed, copy_sqlite
from tests.install.test_disks import disk_of


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "usher.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE notes (text)")
        made.executemany("INSERT INTO notes VALUES (?)", [("water the plants",)] * 500)
        made.commit()
    return path


def notes(path: Path) -> int:
    with closing(sqlite3.connect(path)) as opened:
        return int(opened.execute("SELECT count(*) FROM notes").fetchone()[0])


def test_what_is_still_in_the_log_is_in_the_copy_and_what_is_not_committed_is_not(database: Path) -> None:
    with closing(sqlite3.connect(database)) as writing:
        writing.execute("PRAGMA wal_autocheckpoint=0")
        writing.execute("INSERT INTO notes VALUES ('in the log')")
        writing.commit()
        writing.execute("INSERT INTO notes VALUES ('not yet')")
        copy_sqlite(database, database.with_name("copy.db"))
    assert notes(database.with_name("copy.db")) == 501


def test_the_copy_is_for_its_owner_alone_and_nothing_lies_beside_it(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    size = copy_sqlite(database, folder / "copy.db")
    assert [path.name for path in folder.iterdir()] == ["copy.db"]
    assert stat.S_IMODE((folder / "copy.db").stat().st_mode) == 0o600 and size == (folder / "copy.db").stat().st_size


def test_a_backup_of_the_same_name_is_kept(database: Path) -> None:
    older = database.with_name("copy.db")
    older.write_bytes(b"yesterday")
    with pytest.raises(BackupFailed, match="exists"):
        copy_sqlite(database, older)
    assert older.read_bytes() == b"yesterday"


def test_a_copy_that_was_cut_off_is_not_in_the_way(database: Path) -> None:
    database.with_name(".copy.db.part").write_bytes(b"half")
    copy_sqlite(database, database.with_name("copy.db"))
    assert notes(database.with_name("copy.db")) == 500
    assert not database.with_name(".copy.db.part").exists()


@pytest.mark.parametrize("damage", ["no database", "no file"])
def test_what_cannot_be_copied_leaves_nothing_behind(database: Path, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    source = tmp_path / "other.db"
    if damage == "no database":
        source.write_bytes(b"not a database at all" * 100)
    with pytest.raises(BackupFailed):
        copy_sqlite(source, folder / "copy.db")
    assert list(folder.iterdir()) == [] and source.exists() is (damage == "no database")


def test_a_damaged_page_is_found_before_one_relies_on_the_copy(database: Path) -> None:
    with database.open("r+b") as file:
        file.seek(4096 + 8)
        file.write(b"\xff" * 200)
    with pytest.raises(BackupFailed):
        copy_sqlite(database, database.with_name("copy.db"))
    assert not database.with_name("copy.db").exists()


def test_a_disk_that_fills_up_meanwhile_leaves_no_half_file(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as writing:
        writing.execute("CREATE TABLE large AS SELECT randomblob(2000000) AS much")
        writing.commit()
    with disk_of(tmp_path / "small disk", "1m") as disk:
        with pytest.raises(BackupFailed, match="full"):
            copy_sqlite(database, disk / "copy.db")
        assert list(disk.iterdir()) == []
