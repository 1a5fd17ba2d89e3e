"""Three that run as our children: files of one folder, a memory, and the clock that comes with the product."""

from pathlib import Path

import pytest

from run_cards import CARDS
from tests.real_servers.conftest import Guest, Town
from tests.real_servers.programs import FILESYSTEM, MEMORY, program
from tests.services.house import OWNER

FOLDER = "/srv/shared"
TIME = next(card for card in CARDS if card.name == "time")


@pytest.fixture
async def files(town: Town, tmp_path: Path) -> Guest:
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "notes.txt").write_text("water the plants\n")
    (tmp_path / "private.txt").write_text("not for them\n")
    (folder / "way_out").symlink_to(tmp_path / "private.txt")
    folder.chmod(0o755)
    return await town.program("Files", program(FILESYSTEM, FOLDER, folders={FOLDER: folder}))


async def test_files_of_the_folder_are_read_and_found(files: Guest) -> None:
    assert "water the plants" in str(await files.output("read_text_file", path=f"{FOLDER}/notes.txt"))
    assert "notes.txt" in str(await files.output("list_directory", path=FOLDER))
    assert "notes.txt" in str(await files.output("search_files", path=FOLDER, pattern="*.txt"))


@pytest.mark.parametrize("path", ["/etc/passwd", f"{FOLDER}/../private.txt", f"{FOLDER}/way_out", "/proc/1/environ"])
async def test_nothing_beside_the_folder_is_read(files: Guest, path: str) -> None:
    told = await files.call("read_text_file", path=path)
    assert told.failed and "not for them" not in str(told)


async def test_a_folder_that_is_shown_read_only_is_not_written(files: Guest, tmp_path: Path) -> None:
    told = await files.call("write_file", path=f"{FOLDER}/new.txt", content="x")
    assert "EROFS" in told.error and not (tmp_path / "shared" / "new.txt").exists()


async def test_a_memory_remembers_within_its_session(town: Town) -> None:
    memory = await town.program("Memory", program(MEMORY, MEMORY_FILE_PATH="/tmp/memory.json"))
    entity = {"name": "Ada", "entityType": "person", "observations": ["likes tea"]}
    await memory.output("create_entities", entities=[entity])
    assert "likes tea" in str(await memory.output("search_nodes", query="tea"))
    assert (await memory.output("read_graph"))["entities"][0]["name"] == "Ada"


async def test_the_clock_converts(town: Town) -> None:
    made = await town.house.connections.begin(OWNER, TIME, {})
    clock = Guest(town.house, "Time", made)  # type: ignore[arg-type]
    told = await clock.output(
        "convert_time", source_timezone="Europe/Berlin", target_timezone="Asia/Tokyo", time="09:30"
    )
    assert "Asia/Tokyo" in str(told)
    assert "Invalid timezone" in (await clock.call("get_current_time", timezone="Atlantis/Capital")).error
