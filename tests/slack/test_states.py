"""How a connection is: told by a test in a sentence of its own, shown from then on, and well again by itself."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from bot.services.connections import checking
from mcp_runtime.sessions.pool import Pool
from run_cards import custom
from storage.schema import now
from tests.mcp_runtime.hand_made import Body, HandMade, Reply, errs, plain, reply, running
from tests.support.slack import DM, OWNER, Usher, said


@pytest.fixture
async def odd() -> AsyncIterator[HandMade]:
    async with running(HandMade()) as server:
        yield server


async def connect(usher: Usher, server: HandMade, name: str = "Odd") -> str:
    made = await usher.services.connections.begin_with_secrets(
        usher.member, custom.CARD, {"name": name, "url": server.url}, {"token": "a-token-of-the-test"}
    )
    return made.connection.id


async def status(usher: Usher) -> dict[str, str]:
    mine = await usher.services.connections.of(usher.member)
    return {view.connection.title: view.connection.status for view in mine}


ANSWERS: dict[str, tuple[Reply, str, str]] = {
    "401": (reply(plain(401)), "The server refused this token. Sign in to it again", "sign_in"),
    "403": (reply(plain(403)), "does not allow this token to be used for it (HTTP 403)", "sign_in"),
    "404": (reply(plain(404)), "nothing at this path (HTTP 404)", "failing"),
    "429": (reply(plain(429, **{"retry-after": "120"})), "It asks me to wait 2 minutes", "failing"),
    "500": (reply(plain(500)), "out of order (HTTP 500)", "failing"),
    "redirect": (reply(plain(302, location="https://else.example/x")), "sends me on to else.example", "failing"),
    "an error": (errs(200, -32603, "boom"), "answered with an error of its own", "failing"),
    "a page": (reply(plain(200, "<h1>Log in</h1>", "text/html")), "a web page answered", "failing"),
}


@pytest.mark.parametrize("kept", [True, False], ids=["in an open session", "in a new one"])
@pytest.mark.parametrize(("answer", "told", "state"), ANSWERS.values(), ids=ANSWERS)
async def test_each_answer_of_a_live_server_is_told_and_kept_and_mends_itself(
    usher: Usher, odd: HandMade, answer: Reply, told: str, state: str, kept: bool
) -> None:
    connection_id = await connect(usher, odd)
    if kept:
        await usher.services.connections.test(usher.member, connection_id)
    odd.on_any = answer
    await usher.slack.command(OWNER, DM, "/mcp test")
    shown = await usher.message_with(told[1:])
    assert "our side" not in said(shown) and "Odd" in said(shown)
    assert await status(usher) == {"Odd": state}
    await usher.slack.command(OWNER, DM, "/mcp list")
    listed = await usher.message_with("Needs sign-in: " if state == "sign_in" else "Not answering since <!date^")
    assert ("connection.sign_in" in str(listed)) == (state == "sign_in")
    home = await usher.home()
    assert ("Sign in again" in said(home)) == (state == "sign_in")

    odd.on_any = None
    if state == "sign_in":
        await usher.slack.command(OWNER, DM, "/mcp test")
        await usher.message_with("Odd answered in")
    else:
        await usher.choose(listed, "test")
        await usher.modal_with("*Odd* works.")
    assert await status(usher) == {"Odd": "connected"}
    await usher.slack.when(lambda: "*Odd* · Connected: 1 tool" in said(usher.slack.snapshot(OWNER)["home"] or {}))


async def test_who_has_answered_is_told_at_once_beside_a_server_that_hangs(
    usher: Usher, odd: HandMade, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.acts.connections.testing.AT_ONCE", 3.0)
    monkeypatch.setattr("bot.slack.acts.connections.testing.PATIENCE", 0.1)
    over = asyncio.Event()

    async def hang(body: Body, request: web.Request) -> web.StreamResponse:
        await over.wait()
        return plain(500)

    async with running(HandMade()) as mute, running(HandMade()) as broken:
        for server, name in ((odd, "Quick"), (mute, "Mute"), (broken, "Broken")):
            await connect(usher, server, name)
        broken.on_any = reply(plain(500))
        mute.on_any = hang
        await usher.slack.command(OWNER, DM, "/mcp test")
        first = said(await usher.message_with("Still asking: Mute"))
        assert "Quick answered in" in first and "Cannot reach: the server is out of order" in first
        over.set()
        await usher.message_with("Mute cannot be used. Cannot reach: the server is out of order")
    posts = [each for each in usher.slack.messages(DM, OWNER) if "Mute" in said(each)]
    assert len(posts) == 2


async def test_what_goes_wrong_on_our_side_with_one_costs_no_other_its_word(
    usher: Usher, odd: HandMade, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = Pool.listing

    async def broken(self: Pool, connection):  # type: ignore[no-untyped-def]
        if connection.title == "Other":
            raise ArithmeticError("ours")
        return await listing(self, connection)

    await connect(usher, odd)
    await connect(usher, odd, "Other")
    monkeypatch.setattr(Pool, "listing", broken)
    await usher.slack.command(OWNER, DM, "/mcp test")
    told = said(await usher.message_with("Odd answered in"))
    assert "Something went wrong on our side" in told
    await usher.slack.command(OWNER, DM, "/mcp list")
    await usher.choose(await usher.message_with("*Other*"), "test")
    assert ":hourglass" not in said(await usher.modal_with("works."))


@pytest.mark.parametrize("door", ["home", "list"])
async def test_who_looks_at_a_connection_that_works_again_sees_that_it_does(
    usher: Usher, odd: HandMade, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    connection_id = await connect(usher, odd)
    odd.on_any = reply(plain(503))
    await usher.services.connections.test(usher.member, connection_id)
    odd.on_any = None
    await usher.home()  # it rests for a minute: looking asks it nothing
    assert await status(usher) == {"Odd": "failing"}
    monkeypatch.setattr(checking, "LOOK_AGAIN_AFTER", timedelta())
    if door == "home":
        await usher.slack.open_home(OWNER)
    else:
        await usher.slack.command(OWNER, DM, "/mcp list")
        await usher.message_with("Odd works again")
    await usher.slack.when(lambda: "*Odd* · Connected: 1 tool" in said(usher.slack.snapshot(OWNER)["home"] or {}))
    assert await status(usher) == {"Odd": "connected"}


async def test_a_server_that_asks_to_be_left_alone_is(
    usher: Usher, odd: HandMade, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "LOOK_AGAIN_AFTER", timedelta())
    connection_id = await connect(usher, odd)
    odd.on_any = reply(plain(429, **{"retry-after": "3600"}))
    await usher.services.connections.test(usher.member, connection_id)
    asked = len(odd.asked)
    assert await usher.services.connections.look_again(usher.member) == [] and len(odd.asked) == asked
    [view] = await usher.services.connections.of(usher.member)
    assert view.connection.retry_at and view.connection.retry_at > now() + timedelta(minutes=50)
    assert "I try again after <!date^" in said(await usher.home())


@pytest.mark.parametrize("closed", [False, True], ids=["in the modal", "by a message"])
async def test_signing_in_again_renews_the_token_and_keeps_all_else(usher: Usher, odd: HandMade, closed: bool) -> None:
    connection_id = await connect(usher, odd)
    await usher.services.connections.choices.set_policy(usher.member, connection_id, "look", "always")
    odd.on_any = reply(plain(401))
    await usher.slack.command(OWNER, DM, "/mcp test odd")
    await usher.press(await usher.message_with("Needs sign-in: "), "connection.sign_in")
    step = await usher.modal_with("enter the token for Odd")
    url = next(each["url"] for block in step["blocks"] for each in block.get("elements", []) if "url" in each)
    if closed:
        await usher.slack.close_view(OWNER, step["id"])
    view = await usher.services.connections.ticket(url.rsplit("/", 1)[1])
    assert view and view.host == f"127.0.0.1:{odd.port}"
    odd.on_any = None
    made = await usher.services.connections.finish(url.rsplit("/", 1)[1], {"token": "a-newer-token"})
    assert made.connection.id == connection_id
    told = "Odd works again: 1 tool available"
    assert await (usher.message_with(told) if closed else usher.modal_with(told))
    [after] = await usher.services.connections.of(usher.member)
    assert (after.connection.status, after.connection.version, after.tools[0].policy) == ("connected", 2, "always")
    assert (await usher.services.connections.test(usher.member, connection_id)).ok


async def test_a_token_for_a_connection_that_has_gone_meanwhile_is_not_kept(usher: Usher, odd: HandMade) -> None:
    connection_id = await connect(usher, odd)
    await usher.slack.command(OWNER, DM, "/mcp list")
    odd.on_any = reply(plain(401))
    await usher.services.connections.test(usher.member, connection_id)
    await usher.slack.command(OWNER, DM, "/mcp list")
    await usher.press(await usher.message_with("Needs sign-in: "), "connection.sign_in")
    step = await usher.modal_with("enter the token for Odd")
    url = next(each["url"] for block in step["blocks"] for each in block.get("elements", []) if "url" in each)
    await usher.services.connections.disconnect(usher.member, connection_id)
    assert await usher.services.connections.ticket(url.rsplit("/", 1)[1]) is None
