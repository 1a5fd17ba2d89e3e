"""HTML that was made of an answer is kept for the next look, and goes from every process when its chat does."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from markupsafe import Markup

from bot.services.links.ending.ending import FORGET
from bot.web.chat import made_html, markdown
from bot.web.chat.made_html import MADE, MOST, UNUSED_SECONDS, MadeHtml
from storage.bus.topics import LocalBus
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import OWNER, House


@pytest.fixture(autouse=True)
def nothing_made() -> None:
    MADE.forget_all()


async def until(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not there():
            await asyncio.sleep(0.01)


async def looked_at(house: House) -> Caller:
    """A chat whose page was looked at without scripts, and so made."""
    guest = await house.guest()
    house.model.will_say("A secret of **this** guest.")
    await guest.say("Hello")
    await house.all_told()
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    assert "<strong>this</strong>" in page.text and len(MADE) == 1
    return guest


async def test_it_is_made_beside_the_event_loop(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    on = list[threading.Thread]()
    make = markdown.html

    def made(text: str, image: str) -> Markup:
        on.append(threading.current_thread())
        return make(text, image)

    monkeypatch.setattr(markdown, "html", made)
    await looked_at(house)
    assert len(on) == 1 and on[0] is not threading.main_thread()


async def test_a_deleted_chat_leaves_nothing_in_memory(house_on_each: House) -> None:
    guest = await looked_at(house_on_each)
    assert (await guest.ask("POST", guest.chat + "delete", json={"sure": True})).status == 200
    await until(lambda: len(MADE) == 0)


@pytest.mark.parametrize("ends", ["guest", "link"])
async def test_neither_does_one_that_ends(house: House, ends: str) -> None:
    guest = await looked_at(house)
    if ends == "guest":
        await guest.ask("POST", guest.chat + "end", json={})
    else:
        await house.links.revoke(OWNER, guest.chat.split("/")[-2])
    await until(lambda: len(MADE) == 0)


async def test_where_word_may_have_been_lost_nothing_is_kept() -> None:
    bus = LocalBus()
    MADE.of("c", "Hello", "image")
    following = asyncio.create_task(made_html._forget_on(bus))
    await asyncio.sleep(0)
    bus.resync_all()
    await until(lambda: len(MADE) == 0)
    MADE.of("c", "Hello", "image")
    MADE.of("d", "Hello", "image")
    await bus.tell(FORGET, "c")
    await until(lambda: len(MADE) == 1)
    following.cancel()


def test_it_is_made_once_kept_for_a_while_and_bounded() -> None:
    hour = [0.0]
    made = MadeHtml(lambda: hour[0])
    assert made.of("c", "*Hi*", "image") is made.of("c", "*Hi*", "image")
    made.of("d", "Hi", "image")
    hour[0] = UNUSED_SECONDS - 1
    made.of("c", "*Hi*", "image")
    hour[0] = UNUSED_SECONDS
    made.forget_unused()
    assert len(made) == 1
    for number in range(MOST + 5):
        made.of("e", str(number), "image")
    assert len(made) == MOST
    made.forget("e")
    assert len(made) == 0
