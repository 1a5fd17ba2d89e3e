"""A service that signs its members in itself: led there by the modal, which tells how it went."""

from collections.abc import AsyncIterator

import pytest

from bot.services.connections.oauth import Started
from tests.support.oauth import Lab, agree, open_lab
from tests.support.slack import BASE, GENERAL, OWNER, PATIENCE, Usher, said


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    async with open_lab() as lab:
        yield lab


async def last_step(usher: Usher, lab: Lab) -> str:
    """The token of the page that the modal leads to."""
    await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
    await usher.submit(await usher.modal_with("Server URL"), name="Vault", url=lab.url)
    return token_in(await usher.modal_with("Last step: sign in to Vault at"))


def token_in(shown: dict) -> str:
    url = next(each["url"] for block in shown["blocks"] for each in block.get("elements", []) if "url" in each)
    assert url.startswith(f"{BASE}/oauth/start?ticket=")
    return str(url.rpartition("=")[2])


async def answered(usher: Usher, started: Started, **changed: str) -> None:
    answer = {**dict((await agree(started.url)).params), **changed}
    await usher.services.connections.oauth.finish(started.state, started.browser, answer)


async def test_the_modal_leads_to_the_service_and_tells_how_it_went(usher: Usher, lab: Lab) -> None:
    token = await last_step(usher, lab)
    host = lab.origin.removeprefix("http://")
    shown = await usher.modal_with("your password stays with it")
    assert host in said(shown) and token not in said(shown).replace(f"ticket={token}", "")
    page = await usher.services.connections.oauth.view(token)
    assert page is not None and page.member and OWNER not in page.member
    await answered(usher, await usher.services.connections.oauth.start(token))
    assert await usher.modal_with("Vault is connected: 2 tools now available")


async def test_who_has_a_token_of_the_service_may_use_that_instead(usher: Usher, lab: Lab) -> None:
    await last_step(usher, lab)
    shown = await usher.modal_with("Use a token instead")
    urls = [each["url"] for block in shown["blocks"] for each in block.get("elements", []) if "url" in each]
    assert len(urls) == 2 and urls[1].startswith(f"{BASE}/connect/")
    page = await usher.services.connections.ticket(urls[1].rpartition("/")[2])
    assert page is not None and (page.title, page.host) == ("Vault", lab.url.split("/")[2])
    await usher.press(shown, "connect.ticket.by_token")
    assert usher.slack.refusals == []


async def test_a_no_at_the_service_is_told_in_the_modal_with_a_way_to_begin_again(usher: Usher, lab: Lab) -> None:
    started = await usher.services.connections.oauth.start(await last_step(usher, lab))
    await answered(usher, started, error="access_denied")
    told = await usher.modal_with("you did not allow it at")
    assert "Start again" in said(told) and "last try" not in said(told)
    assert await usher.services.connections.of(usher.member) == []


async def test_when_the_modal_was_closed_a_message_says_that_it_is_connected(usher: Usher, lab: Lab) -> None:
    started = await usher.services.connections.oauth.start(await last_step(usher, lab))
    await usher.slack.close_view(OWNER, (usher.modal() or {})["id"], everything=True)
    await answered(usher, started)
    assert await usher.message_with("Vault is connected: 2 tools now available")


async def test_who_has_to_sign_in_again_is_led_there_from_the_list(usher: Usher, lab: Lab) -> None:
    await answered(usher, await usher.services.connections.oauth.start(await last_step(usher, lab)))
    done = await usher.modal_with("Vault is connected")
    await usher.slack.close_view(OWNER, done["id"], everything=True)
    (view,) = await usher.services.connections.of(usher.member)
    lab.expire()
    lab.refresh.clear()
    assert not (await usher.services.connections.test(usher.member, view.connection.id)).ok
    home = await usher.home()
    assert "Needs sign-in" in said(home)
    await usher.press(home, "connection.sign_in")
    again = token_in(await usher.modal_with("Last step: sign in to Vault at"))
    await answered(usher, await usher.services.connections.oauth.start(again))
    assert await usher.modal_with("Vault works again: 2 tools available")


async def test_rights_that_a_tool_lacks_are_named_with_a_way_to_give_them(usher: Usher, lab: Lab) -> None:
    await answered(usher, await usher.services.connections.oauth.start(await last_step(usher, lab)))
    await usher.slack.close_view(OWNER, (await usher.modal_with("Vault is connected"))["id"], everything=True)
    (view,) = await usher.services.connections.of(usher.member)
    await usher.services.connections._pool.grants.wants_more(view.connection, "write")
    home = await usher.home()
    assert "A tool lacks rights (write): sign in again to allow them" in said(home)
    await usher.press(home, "connection.sign_in")
    started = await usher.services.connections.oauth.start(
        token_in(await usher.modal_with("Last step: sign in to Vault at"))
    )
    await answered(usher, started)
    assert await usher.modal_with("Vault works again")
    assert set(lab.asked[-1]["scope"].split()) == {"read", "write", "offline_access"}
    await usher.home()
    assert await usher.slack.when(lambda: "lacks rights" not in said(usher.slack.snapshot(OWNER)["home"]), PATIENCE)
