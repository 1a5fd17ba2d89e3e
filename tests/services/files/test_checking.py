"""What strangers' files are is seen from what is in them, and nothing of what hides there is kept."""

import asyncio
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from bot.errors import Refused
from bot.services.files import checking
from bot.services.files.checking import checked, kind_of, tidy
from tests.support import guest_files as files


async def taken(name: str, content: bytes):
    return await checked(name, content, kind_of(content), "a link")


async def refusal(name: str, content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        await taken(name, content)
    return refused.value.code


async def test_a_photograph_stands_upright_and_tells_neither_place_nor_camera() -> None:
    found = await taken("IMG_0001.JPG", files.photograph((600, 400)))
    assert (found.kind, found.mime, found.name) == ("picture", "image/jpeg", "IMG_0001.jpg")
    assert (found.width, found.height) == (400, 600)
    assert files.CAMERA.encode() not in found.content and files.PLACE not in found.content
    with Image.open(BytesIO(found.content)) as image:
        assert not image.getexif() and "comment" not in image.info
        assert image.getpixel((200, 50)) > (240, 240, 240)  # its light half is above now


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (files.picture(), "image/png"),
        (files.picture(form="JPEG"), "image/jpeg"),
        (files.picture(form="WEBP"), "image/jpeg"),
        (files.picture(form="WEBP", mode="RGBA"), "image/png"),
        (files.picture(mode="RGBA"), "image/png"),
        (files.picture(mode="L"), "image/png"),
        (files.moving(), "image/png"),
        (files.moving("WEBP"), "image/jpeg"),
    ],
)
async def test_each_form_of_picture_becomes_one_that_the_model_reads(content: bytes, mime: str) -> None:
    found = await taken("a.bin", content)
    assert (found.kind, found.mime) == ("picture", mime) and found.tokens == 258
    with Image.open(BytesIO(found.content)) as image:
        assert getattr(image, "n_frames", 1) == 1 and image.size == (found.width, found.height)


async def test_a_large_picture_is_made_as_large_as_a_model_looks_at() -> None:
    found = await taken("wall.png", files.picture((5_000, 2_500)))
    assert (found.width, found.height) == (2_048, 1_024) and found.tokens == 258 * 8


async def test_a_polyglot_keeps_nothing_but_its_picture() -> None:
    found = await taken("x.png", files.polyglot())
    assert found.mime == "image/png" and b"script" not in found.content and b"PK" not in found.content


async def test_bombs_are_refused_and_cost_little() -> None:
    assert len(files.bomb()) < 100_000
    assert await refusal("bomb.png", files.bomb()) == "file_pixels"
    found = await taken("lies.png", files.lying_bomb())  # no more is unpacked than its head says
    assert (found.width, found.height) == (16, 16)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("logo.svg", files.SVG, "file_mismatch"),
        ("photo.png", files.HTML, "file_mismatch"),
        ("page.html", files.HTML, "file_mismatch"),
        ("a.zip", files.ZIP, "file_mismatch"),
        ("a.txt", files.ZIP, "file_encoding"),
        ("a", b"MZ\x90\x00\x03", "file_encoding"),
        ("a.txt", b"caf\xe9", "file_encoding"),
        ("a.txt", b" \n ", "file_empty"),
        ("a.txt", b"a" * 30_001, "file_long"),
        ("cut.png", files.picture((400, 300))[:60], "file_broken"),
        ("cut.jpg", b"\xff\xd8\xff\xe0 no picture", "file_broken"),
        ("cut.pdf", b"%PDF-1.7\nno paper", "file_broken"),
        ("long.pdf", files.pdf(21), "file_pages"),
        ("locked.pdf", files.pdf(1, password="secret"), "file_locked"),
    ],
)
async def test_what_is_no_such_file_is_refused_by_its_content(name: str, content: bytes, code: str) -> None:
    assert await refusal(name, content) == code


async def test_a_paper_keeps_its_pages_and_loses_what_acts() -> None:
    hostile = files.pdf(3, active=True)
    assert b"alert" in hostile and b"evil" in hostile
    found = await taken("../../etc/paper.PDF", hostile)
    assert (found.kind, found.mime, found.name, found.tokens) == ("pdf", "application/pdf", "paper.pdf", 1_800)
    assert b"Stamp" in found.content
    for gone in (b"alert", b"evil", b"/AF", b"JavaScript", files.CAMERA.encode()):
        assert gone not in found.content


async def test_what_a_papers_author_has_named_stays_whatever_its_name() -> None:
    found = await taken("paper.pdf", files.pdf_with_a_font("/AF"))
    [page] = PdfReader(BytesIO(found.content)).pages
    assert page["/Resources"]["/Font"]["/AF"]["/BaseFont"] == "/Helvetica"


async def test_texts_are_read_in_what_marks_them_and_hide_nothing() -> None:
    assert (await taken("notes", b"\xef\xbb\xbfHello")).name == "notes.txt"
    wide = await taken("Tabelle.CSV", "a;b\r\n1;ü".encode("utf-16"))
    assert (wide.name, wide.content, wide.mime) == ("Tabelle.csv", "a;b\n1;ü".encode(), "text/plain")
    assert (await taken("x.md", "a\u202eb\u200bc\U000e0041d".encode())).content == b"abcd"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("photo.png", "photo.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\a\\me.gif", "me.jpg"),
        ("a\u202egnp.exe", "agnp.jpg"),
        ("<!channel> & `x`.png", "channel x.jpg"),
        ("..", "file.jpg"),
        ("", "file.jpg"),
        ("a\r\nSet-Cookie: x", "a Set-Cookie x.jpg"),
        ("x" * 300, "x" * 60 + ".jpg"),
        ("Фото отпуска.png", "Фото отпуска.jpg"),
    ],
)
def test_a_name_is_a_strangers_text_and_becomes_one_harmless_line(name: str, told: str) -> None:
    assert tidy(name, "jpg") == told


SLOW = """
import json, sys, time
if b"slow" in sys.stdin.buffer.read(): time.sleep(600)
sys.stdout.write(json.dumps({"mime": "image/png", "width": 1, "height": 1, "tokens": 1}) + chr(10))
"""


async def test_slow_pictures_of_one_link_hold_up_no_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checking, "CONFINED", tmp_path / "anew.py")
    tmp_path.joinpath("anew.py").write_text(SLOW)
    slow, quick = b"\x89PNG\r\n\x1a\nslow", b"\x89PNG\r\n\x1a\n"
    held = [asyncio.create_task(checked("a.png", slow, "picture", "one link")) for _ in range(5)]
    assert (await checked("b.png", quick, "picture", "another link")).width == 1
    assert not any(each.done() for each in held)
    for each in held:
        each.cancel()
    await asyncio.wait(held)
