"""A link is given more time, or a new address, under its guests: they go on, and their page says until when."""

from tests.web.caller import PAGE, Caller, frames, until
from tests.web.sidecar import OWNER, House


async def max_age(guest: Caller, path: str) -> int | None:
    """Of the cookie that this answer gives anew."""
    async with guest.asking("GET", guest.chat + path, headers=PAGE if not path else {}) as answer:
        given = [morsel["max-age"] for morsel in answer.cookies.values()]
    return int(given[0]) if given else None


async def test_an_open_page_hears_of_more_time_and_its_cookie_lives_as_long(house: House) -> None:
    created = await house.link(hours=1)
    guest = Caller(house.url)
    await guest.start(created.url)
    assert [await max_age(guest, path) for path in ("", "state", "events")] == [None] * 3
    async with guest.asking("GET", guest.chat + "events") as response:
        stream = frames(response)
        await anext(stream)
        await house.links.extend(OWNER, created.link.id, 24)
        told = (await until(stream, "expires"))[-1]["data"]
    assert 24 * 3600 < told["seconds"] <= 25 * 3600 and told["at"]
    for path in ("", "state", "events"):
        assert 24 * 3600 < (await max_age(guest, path) or 0) <= 25 * 3600
    assert (await guest.say("Still there.")).status == 202


async def test_a_guest_who_comes_by_the_old_address_is_led_to_the_chat_and_nobody_else_is(house: House) -> None:
    created = await house.link(max_sessions=2)
    guest = Caller(house.url)
    await guest.start(created.url)
    renewed = await house.links.rotate(OWNER, created.link.id)
    for url in (created.url, renewed.url):
        shown = await guest.ask("GET", url, headers=PAGE)
        assert (shown.status, shown.headers["Location"]) == (303, guest.chat)
    assert (await guest.say("Still there.")).status == 202
    stranger = Caller(house.url)
    assert (await stranger.ask("GET", created.url, headers=PAGE)).status == 404
    assert (await stranger.start(created.url)).status == 404
    assert (await stranger.start(renewed.url)).status == 201
