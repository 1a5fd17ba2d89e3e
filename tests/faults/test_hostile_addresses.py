"""Every address that leads inwards is refused in a sentence, and nobody there is even connected to."""

import ssl
from pathlib import Path

import pytest
from aiohttp import web

from bot.errors import FormError
from mcp_runtime.transports import http as guarded
from run_cards import custom
from tests.faults.addresses import HOSTILE, PRIVATE, resolve
from tests.faults.conftest import Canary, OpenHouse
from tests.mcp_runtime.hand_made import HandMade, running
from tests.mcp_runtime.sandbox.test_way_out import proxy_for
from tests.mcp_runtime.servers import host, self_signed
from tests.services.house import OWNER, House


async def complaint(house: House, url: str) -> dict[str, str]:
    with pytest.raises(FormError) as told:
        await house.connections.begin(OWNER, custom.CARD, {"name": "Shop", "url": url})
    assert await house.connections.of(OWNER) == []
    return told.value.errors


def test_there_are_as_many_ways_to_write_one_as_people_have_thought_of() -> None:
    assert sum(told == PRIVATE for told in HOSTILE.values()) >= 40


@pytest.mark.parametrize("url", HOSTILE, ids=ascii)
async def test_a_hostile_address_is_refused_in_a_sentence_and_never_dialled(
    open_with: OpenHouse, canary: Canary, url: str
) -> None:
    async with open_with(allowed="", resolve=resolve) as house:
        assert await complaint(house, url.format(port=canary.port)) == {"url": HOSTILE[url]}
    assert canary.heard == 0


async def test_nor_by_a_program_that_runs_here_and_may_reach_every_public_host(canary: Canary) -> None:
    """Its requests leave by our proxy, which dials with a client of its own."""
    async with proxy_for("*", look_up=resolve) as proxy:
        for url in HOSTILE:
            inwards = url.format(port=canary.port)
            place = inwards.partition("://")[2].partition("/")[0]
            named = place if place.rpartition(":")[2].isdecimal() else f"{place}:{canary.port}"
            for request in (f"GET {inwards} HTTP/1.1\n\n", f"CONNECT {named} HTTP/1.1\n\n"):
                answer = await proxy.send(request.replace("\n", "\r\n").encode())
                assert answer.startswith(("HTTP/1.1 4", "HTTP/1.1 5")), (request, answer)
    assert canary.heard == 0 and len(proxy.verdicts) >= 40
    assert all(each.refusal or not each.reached for each in proxy.verdicts)


async def test_the_one_who_listens_would_have_heard(open_with: OpenHouse, canary: Canary) -> None:
    """Or else that nobody was heard would say nothing."""
    async with open_with(allowed="127.0.0.1", resolve=resolve) as house:
        await complaint(house, f"https://127.1:{canary.port}/")
        assert canary.heard == 0  # another way to write what is allowed is not what is allowed
        await complaint(house, f"https://127.0.0.1:{canary.port}/")
    assert canary.heard > 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/", "//127.1:{port}/mcp", "http://me:word@[::1]:{port}/"])
async def test_a_redirect_inwards_is_not_followed_and_only_its_host_is_named(
    open_with: OpenHouse, canary: Canary, status: int, target: str
) -> None:
    async def away(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"location": target.format(port=canary.port) + "?key=hidden"})

    async with host(away) as port, open_with(allowed=f"127.0.0.1:{port}") as house:
        told = (await complaint(house, f"http://127.0.0.1:{port}/mcp"))["url"]
    where = {"h": "127.0.0.1", "/": "127.1"}[target[0]] if "::1" not in target else "[::1]"
    sent_on = f"Address refused: this address sends me on to {where}:{canary.port}."
    assert told == f"{sent_on} Enter that one instead, if you trust it."
    assert canary.heard == 0


async def test_a_name_that_leads_elsewhere_once_it_is_trusted_is_refused_then(
    open_with: OpenHouse, canary: Canary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer is the server that was connected, each later one an address that nobody allowed."""
    answers = {"now": "127.0.0.1"}

    async def rebinding(name: str, port: int) -> list[str]:
        return [answers["now"]]

    async with running(HandMade(), self_signed(tmp_path, "shop.example")) as shop:
        trusting = ssl.create_default_context(cafile=tmp_path / "host.pem")
        monkeypatch.setattr(guarded, "shared_ssl_context", lambda: trusting)
        async with open_with(allowed="127.0.0.1/32", resolve=rebinding) as house:
            values = {"name": "Shop", "url": f"https://shop.example:{shop.port}/mcp"}
            made = await house.connections.begin(OWNER, custom.CARD, values)
            answers["now"] = "127.0.0.2"
            seen = len(shop.asked)
            told = await house.connections.test(OWNER, made.connection.id)
    assert told.sentence == f"Shop cannot be used. {PRIVATE}" and len(shop.asked) == seen
