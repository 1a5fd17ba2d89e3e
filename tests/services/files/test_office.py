"""Office files are read as the words that stand in them, and one that was made to do harm costs little."""

import pytest

from bot.errors import Refused
from bot.services.files.bounds import GUESTS, MEMBERS, Bounds
from bot.services.files.checking import Checked, checked, kind_of
from tests.support import office_files as office


async def taken(name: str, content: bytes, bounds: Bounds = MEMBERS) -> Checked:
    return await checked(name, content, kind_of(content), "a member", bounds)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.docx", office.docx("Dear Ann,", "all is well"), "Dear Ann,\nall is well\na \tb"),
        ("a.xlsx", office.xlsx(), "[sheet Plan]\nName\t\tScore\nAnn\t\t3.5\tTRUE\t2026-11-29 12:00:00\n\n[sheet Old]"),
        ("a.pptx", office.pptx("One", "Two"), "[slide 1]\nOne\n\n[slide 2]\nTwo"),
    ],
)
async def test_office_files_are_read_as_text(name: str, content: bytes, told: str) -> None:
    found = await taken(f"wrong.{name[-4:]}", content)
    assert (found.content.decode(), found.kind, found.mime) == (told, "text", "text/plain")
    assert found.name == f"wrong.{name[-4:]}" and not found.cut


@pytest.mark.parametrize("hostile", [office.bomb, office.entities, office.nested, office.crowded])
async def test_what_would_grow_without_end_is_refused(hostile) -> None:
    content = hostile()
    assert len(content) < 600_000
    with pytest.raises(Refused) as refusal:
        await taken("a.docx", content)
    assert refusal.value.code == "file_broken"


async def test_a_long_text_of_a_member_is_read_from_its_beginning_and_marked_as_cut() -> None:
    for content in (b"word " * 40_000, office.docx("word " * 40_000)):
        found = await taken("a.txt", content)
        assert found.cut and len(found.content.rstrip()) == MEMBERS.characters - 1


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("a.zip", office.zipped({"a": "b"}), "file_mismatch"), ("a.mov", b"\x00\x00\x00\x14ftypqt", "file_encoding")],
)
async def test_other_archives_and_binaries_are_no_texts(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        await taken(name, content)
    assert refusal.value.code == code


async def test_a_member_may_send_code_and_tables_as_windows_writes_them_and_a_guest_may_not() -> None:
    assert (await taken("a.py", b"x = 1")).name == "a.py"
    assert (await taken("a.csv", "Größe;1".encode("cp1252"))).content.decode() == "Größe;1"
    for content in (b"x = 1", office.docx("words")):
        with pytest.raises(Refused):
            await taken("a.py", content, GUESTS)
