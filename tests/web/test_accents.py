"""A colour of one's own can be read in both themes, on every page, and no page is given a style inline."""

import random
import re

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bot.web.edge import accents
from bot.web.edge.accents import DARK, LIGHT, Colour, Theme, accent_of, contrast, parsed, written
from bot.web.edge.assets import STATIC
from tests.support.axe import complaints
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import OWNER, House, running
from tests.web.visiting import IN_BROWSER, PHONE, browser, gemini, said, sqlite_db

__all__ = ["browser", "gemini", "sqlite_db"]

CORNERS = ["#000000", "#ffffff", "#808080", "#ff0000", "#00ff00", "#0000ff", "#ffff00", "#ff00ff", "#00ffff", "#1d6b63"]
ACCENT = "getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()"
YELLOW = "#ffd400"


def anything(number: int) -> list[str]:
    dice = random.Random(20)  # noqa: S311 - the same ones each time
    return [written((dice.randrange(256), dice.randrange(256), dice.randrange(256))) for _ in range(number)]


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(one, other, strict=True))
    return red, green, blue


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_can_be_read_wherever_the_pages_put_it(theme: Theme) -> None:
    for named in [*CORNERS, *anything(300)]:
        made = accent_of(named, theme)
        pairs = [(made.accent, ground) for ground in (theme.paper, theme.surface, made.tint)]
        pairs += [(theme.ink, made.tint), (theme.soft, made.tint), (made.ink, made.accent)]
        # A button that is pointed at, and one that is at work.
        pairs += [(made.ink, mixed(made.accent, theme.ink, 0.88)), (made.ink, mixed(made.accent, theme.soft, 0.75))]
        assert min(contrast(*pair) for pair in pairs) >= 4.45, named


@pytest.mark.parametrize("named", ["#1d6b63", "#7a1fa2", "#0b57d0"])
def test_a_colour_that_can_be_read_stays_as_it_is(named: str) -> None:
    assert written(accent_of(named, LIGHT).accent) == named


def test_contrast_is_counted_as_wcag_does() -> None:
    assert contrast((255, 255, 255), (0, 0, 0)) == pytest.approx(21)
    assert contrast(parsed("#767676"), (255, 255, 255)) == pytest.approx(4.54, abs=0.005)


def test_the_themes_are_those_of_the_stylesheet() -> None:
    css = (STATIC / "usher.css").read_text()
    roots = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    for theme, root in zip((LIGHT, DARK), roots, strict=True):
        named = dict(re.findall(r"--([\w-]+): (#\w{6})", root))
        for name in ("paper", "surface", "ink", "soft"):
            assert written(getattr(theme, name)) == named[name]
    assert "#000; " not in css and accents.USHERS in css


@pytest_asyncio.fixture(loop_scope="session")
async def yellow(sqlite_db, gemini):
    async with running(sqlite_db, gemini, accent=YELLOW) as house:
        yield house


class TestPages:
    pytestmark = IN_BROWSER

    async def test_each_page_has_it_as_a_file_and_keeps_its_policy(self, yellow: House) -> None:
        caller = Caller(yellow.url)
        made = await yellow.link()
        guest, over = await yellow.guest(title="Mine"), await yellow.guest(title="Over")
        await yellow.links.revoke(OWNER, over.chat.split("/")[3])
        pages = [
            await caller.ask("GET", url, headers=PAGE) for url in (made.url, made.url + "x", yellow.url + "/notices")
        ]
        pages += [await guest.ask("GET", guest.chat, headers=PAGE), await over.ask("GET", over.chat, headers=PAGE)]
        for page in pages:
            found = re.search(r'href="(/assets/accent\.\w{12}\.css)" integrity="(sha384-[^"]+)"', page.text)
            assert (
                found and "style-src 'self';" in page.headers["Content-Security-Policy"] and "style=" not in page.text
            )
        sheet = await caller.ask("GET", found[1])
        assert sheet.text == accents.stylesheet(YELLOW) and "immutable" in sheet.headers["Cache-Control"]
        manifest = (await guest.ask("GET", guest.chat + "app.webmanifest")).json
        assert manifest["theme_color"] == written(accent_of(YELLOW, LIGHT).accent)

    async def test_by_day_and_by_night_axe_finds_nothing(self, yellow: House, browser: Browser) -> None:
        yellow.model.will_say("Yes, with `code` and [a link](https://example.org/).")
        context = await browser.new_context(**PHONE, bypass_csp=True, reduced_motion="reduce")
        page = await context.new_page()
        await page.goto((await yellow.link()).url)
        assert await complaints(page) == []
        await page.get_by_role("checkbox").check()
        await page.get_by_role("button", name="Start the chat").click()
        await said(page, "Is it yellow?")
        await page.get_by_role("log").get_by_text("Yes, with").wait_for()
        assert await complaints(page) == []
        for scheme, theme in (("light", LIGHT), ("dark", DARK)):
            await page.emulate_media(color_scheme=scheme)
            assert await page.evaluate(ACCENT) == written(accent_of(YELLOW, theme).accent)

    async def test_without_one_no_page_asks_for_it(self, sqlite_db, gemini) -> None:
        async with running(sqlite_db, gemini) as house:
            page = await Caller(house.url).ask("GET", (await house.link()).url, headers=PAGE)
        assert "accent" not in page.text
