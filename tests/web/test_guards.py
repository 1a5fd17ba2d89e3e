"""What is checked of a POST, in order, and the headers that every answer has."""

import pytest

from tests.web.caller import PAGE, Caller
from tests.web.sidecar import House

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow, noarchive, nosnippet",
}


async def test_a_body_of_another_type_is_refused_first(house: House) -> None:
    guest = await house.guest()
    answer = await guest.ask("POST", guest.chat + "messages", data="text=hi", headers={"Content-Type": "text/plain"})
    assert answer.status == 415


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_another_site_cannot_post_in_a_guests_name(house: House, site: str) -> None:
    guest = await house.guest()
    for path in ("messages", "stop", "end"):
        answer = await guest.ask("POST", guest.chat + path, json={}, headers={"Sec-Fetch-Site": site})
        assert answer.status == 403


@pytest.mark.parametrize(("origin", "status"), [(None, 403), ("https://evil.example", 403), ("null", 403), ("", 201)])
async def test_without_the_browsers_word_the_origin_decides(house: House, origin: str | None, status: int) -> None:
    created, caller = await house.link(), Caller(house.url)
    told = {"Sec-Fetch-Site": None, "Origin": house.url if origin == "" else origin}
    body = {"key": "k" * 32, "consent": True}
    assert (await caller.ask("POST", created.url + "/start", json=body, headers=told)).status == status


async def test_a_form_with_origin_null_from_our_own_page_is_taken(house: House) -> None:
    created = await house.link()
    caller = Caller(house.url)
    page = await caller.ask("GET", created.url, headers=PAGE)
    form = {"key": page.hidden("key"), "name": "Robin", "consent": "yes"}
    answer = await caller.ask("POST", created.url + "/start", data=form, headers={"Origin": "null", **PAGE})
    assert answer.status == 303
    chat = await caller.ask("GET", answer.headers["Location"], headers=PAGE)
    assert "You are talking to an AI assistant" in chat.text


async def test_a_form_after_the_start_needs_the_token_of_the_guests_own_page(house: House) -> None:
    guest = await house.guest()
    bare = await guest.ask("POST", guest.chat + "end", data={"form": "0" * 64}, headers=PAGE)
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    honest = await guest.ask("POST", guest.chat + "end", data={"form": page.hidden("form")}, headers=PAGE)
    assert bare.status == 403
    assert honest.status == 200
    assert "You ended this chat." in honest.text


async def test_a_body_over_64_kib_is_refused(house: House) -> None:
    guest = await house.guest()
    assert (await guest.say("x" * 70_000)).status == 413


async def test_every_answer_is_typed_private_and_unindexed(house: House) -> None:
    guest = await house.guest()
    created = await house.link()
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    answers = [page, await guest.ask("GET", created.url), await guest.ask("GET", guest.chat + "state")]
    answers += [await Caller(house.url).ask("GET", path) for path in ("/", "/connect/tk_x", "/healthz", "/metrics")]
    answers += [await Caller(house.url).ask("PUT", "/healthz"), await guest.ask("POST", guest.chat + "stop", json={})]
    for answer in answers:
        assert answer.headers.items() >= EVERYWHERE.items()
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert not any(name.startswith("Access-Control") for name in answer.headers)
    assert "require-trusted-types-for 'script'" in page.headers["Content-Security-Policy"]


async def test_the_cookie_is_for_scripts_of_nobody(house: House) -> None:
    created = await house.link()
    answer = await Caller(house.url).start(created.url)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"tc_{created.link.id}=ts_")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


async def test_no_page_holds_a_script_or_a_style_of_its_own(house: House) -> None:
    guest = await house.guest()
    for path in (guest.chat, (await house.link()).url):
        text = (await guest.ask("GET", path, headers=PAGE)).text
        assert "<style" not in text
        assert "style=" not in text
        assert " on" not in "".join(part.split(">")[0] for part in text.split("<") if "onclick" in part)
        for script in text.split("<script")[1:]:
            assert 'integrity="sha384-' in script.split(">")[0]
