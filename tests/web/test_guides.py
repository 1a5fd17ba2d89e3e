"""The guides are pages that anybody can read, whole and with their pictures, and lead nowhere that is not there."""

import re
from html.parser import HTMLParser

import pytest
from aiohttp import ClientSession

from bot.web.guides import FOLDER, NAMES, pictures
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import House

PICTURE = re.compile(r"!\[([^]]*)\]\(\.\./pictures/([\w-]+)\.png\)")


class Drawn(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("name", NAMES)
async def test_each_is_a_page_with_its_pictures(house: House, name: str) -> None:
    reader = Caller(house.url)
    page = await reader.ask("GET", f"/guides/{name}", headers=PAGE)
    assert page.status == 200
    drawn = Drawn(page.text).found
    assert [tag for tag, _ in drawn].count("h1") == 1
    shown = [attributes for tag, attributes in drawn if tag == "img"]
    assert len(shown) == len(PICTURE.findall((FOLDER / f"{name}.md").read_text()))
    assert all(each["alt"] for each in shown)
    async with ClientSession(house.url) as asking:
        for each in shown:
            async with asking.get(str(each["src"])) as picture:
                assert (picture.status, picture.content_type) == (200, "image/png")
                assert (await picture.read()).startswith(b"\x89PNG")


async def test_the_first_is_the_members(house: House) -> None:
    first, named = [await Caller(house.url).ask("GET", each) for each in ("/guides", "/guides/member")]
    assert first.text == named.text


@pytest.mark.parametrize("path", ["/guides/nobody", "/guides/pictures/none.png"])
async def test_what_is_no_guide_is_as_any_other_dead_link(house: House, path: str) -> None:
    assert (await Caller(house.url).ask("GET", path)).status == 404


def test_no_picture_is_there_that_no_page_shows() -> None:
    root = FOLDER.parents[1]
    written = [each.read_text() for each in (root / "README.md", *FOLDER.glob("*.md"))]
    assert set(pictures()) == {name for each in written for name in re.findall(r"pictures/([\w-]+)\.png", each)}
