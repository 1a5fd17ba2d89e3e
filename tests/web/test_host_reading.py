"""A host reads a guest's chat on a page that works once."""

import asyncio
import json
import re
from datetime import timedelta
from urllib.parse import urljoin

import sqlalchemy as sa

from bot.services.links.results.outcomes import FORMS
from bot.web.edge.context import Pace
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Ticket
from tests.support import guest_files as files
from tests.support.gemini import Scripted
from tests.web.caller import PAGE, SHOWN, Caller
from tests.web.sidecar import OWNER, House, running
from tests.web.uploads.test_routes import attach


async def page_of(house: House, guest: Caller, member: Member = OWNER) -> str:
    async with house.db.read() as tables:
        link_id = guest.chat.split("/")[3]
        (session,) = await tables.sessions.of("T1", link_id)
    issued = await house.links.outcomes.page(member, session.id)
    SHOWN[issued.url] = issued.code
    return issued.url


async def test_a_chat_is_shown_once_at_the_press_of_a_button_and_never_by_looking(house: House) -> None:
    guest = await house.guest()
    house.model.will_say("Hello **Robin** <script>alert(1)</script>")
    await guest.say("<b>Good day</b>")
    url, reader = await page_of(house, guest), Caller(house.url)
    assert (await reader.prove(url)).status == 303
    for _ in range(3):
        looked = await reader.ask("GET", url, headers=PAGE)
        assert looked.status == 200 and "Good day" not in looked.text and "Robin" in looked.text
    read = await reader.ask("POST", url, headers=PAGE, data={})
    assert read.status == 200 and "&lt;b&gt;Good day&lt;/b&gt;" in read.text and "<script>alert" not in read.text
    for method in ("POST", "GET"):
        gone = await reader.ask(method, url, headers=PAGE, **({"data": {}} if method == "POST" else {}))
        assert gone.status == 404 and "cannot be used any more" in gone.text
    assert "no-store" in read.headers["Cache-Control"]


async def test_a_page_for_another_use_shows_no_chat_nor_does_another_site(house: House) -> None:
    guest = await house.guest()
    url, reader = await page_of(house, guest), Caller(house.url)
    token = url.rpartition("/")[2]
    assert (await reader.ask("GET", f"/connect/{token}", headers=PAGE)).status == 404
    assert (await reader.prove(url)).status == 303
    forged = await reader.ask("POST", url, headers=PAGE | {"Sec-Fetch-Site": "cross-site"}, data={})
    assert forged.status == 403
    assert (await reader.ask("POST", url, headers=PAGE, data={})).status == 200


async def test_files_of_a_chat_that_was_read_are_given_to_that_browser_for_a_while(house: House) -> None:
    guest = await house.guest(files=3)
    ids = [
        (await attach(guest, name, content)).json["file"]["id"]
        for name, content in (("beach.jpg", files.photograph()), ("list.csv", b"a;b"), ("kept back.txt", b"mine"))
    ]
    house.model.will_say("Thank you.")
    body = {"text": "Here.", "client_id": "a" * 12, "files": ids[:2]}
    assert (await guest.ask("POST", guest.chat + "messages", json=body)).status == 202
    url, host, other = await page_of(house, guest), Caller(house.url), Caller(house.url)
    assert (await host.prove(url)).status == 303
    assert (await host.ask("GET", f"{url}/files/{ids[0]}")).status == 404, "nothing was read yet"
    read = await host.ask("POST", url, headers=PAGE, data={})
    shown = re.findall(r'"(tk_[^"]+/files/[^"]+)"', read.text)
    assert len(shown) == 3 and 'download="list.csv"' in read.text
    for each, kind in zip(shown, ("image/jpeg", "image/jpeg", "text/plain; charset=utf-8"), strict=True):
        async with host.asking("GET", urljoin(url, each)) as got:
            assert (got.status, got.headers["Content-Type"]) == (200, kind)
            assert "sandbox" in got.headers["Content-Security-Policy"]
    refused = [await other.ask("GET", f"{url}/files/{ids[0]}"), await host.ask("GET", f"{url}/files/{ids[2]}")]
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(Ticket).values(used_at=now() - timedelta(minutes=16)))
    refused.append(await host.ask("GET", f"{url}/files/{ids[0]}"))
    assert [each.status for each in refused] == [404, 404, 404], "another browser, one that was not sent, and too late"


async def test_who_only_has_the_address_learns_nothing_of_the_chat_and_does_not_use_it_up(house: House) -> None:
    guest = await house.guest()
    await guest.say("Between us")
    url, host, other = await page_of(house, guest), Caller(house.url), Caller(house.url)
    for told in (
        await other.ask("GET", url, headers=PAGE),
        await other.ask("POST", url, headers=PAGE, data={}),
        await other.prove(url, "000000" if SHOWN[url] != "000000" else "000001"),
    ):
        assert 'name="slack_code"' in told.text and told.status in (200, 422)
        assert not any(word in told.text for word in ("Between us", "Robin", "Trip planning"))
    assert (await host.prove(url)).status == 303
    other.cookies = {name: "0" * 64 for name in host.cookies}
    assert "Between us" not in (await other.ask("POST", url, headers=PAGE, data={})).text
    assert "Between us" in (await host.ask("POST", url, headers=PAGE, data={})).text


async def test_five_wrong_codes_end_the_page(house: House) -> None:
    url, other = await page_of(house, await house.guest()), Caller(house.url)
    wrong = "000000" if SHOWN[url] != "000000" else "000001"
    tries = [(await other.prove(url, wrong)).status for _ in range(5)]
    assert tries == [422] * 5 and (await other.prove(url)).status == 404


async def test_a_page_that_is_looked_at_without_end_has_to_wait(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini, Pace(readings=3)) as house:
        guest, looker = await house.guest(), Caller(house.url)
        url, other = await page_of(house, guest), await page_of(house, guest)
        looked = [await looker.ask("GET", url, headers=PAGE) for _ in range(5)]
        assert [each.status for each in looked] == [200] * 3 + [429] * 2
        assert "Retry-After" in looked[-1].headers
        assert (await looker.ask("GET", other, headers=PAGE)).status == 200


async def test_many_codes_at_once_are_no_more_than_five(house: House) -> None:
    url = await page_of(house, await house.guest())
    wrong = "000000" if SHOWN[url] != "000000" else "000001"
    told = await asyncio.gather(*(Caller(house.url).prove(url, wrong) for _ in range(12)))
    assert sorted(each.status for each in told) == [404] * 7 + [422] * 5


async def test_a_guest_saves_their_chat_as_text_markdown_or_json_and_nothing_else(house: House) -> None:
    guest = await house.guest()
    await guest.say("Hello *there*")
    got = {form: await guest.ask("GET", f"{guest.chat}transcript?form={form}") for form in FORMS}
    assert [each.status for each in got.values()] == [200, 200, 200]
    assert "Hello *there*" in got["text"].text and "Hello \\*there\\*" in got["markdown"].text
    assert json.loads(got["json"].text)["messages"][0]["text"] == "Hello *there*"
    assert all("attachment" in each.headers["Content-Disposition"] for each in got.values())
    refused = await guest.ask("GET", f"{guest.chat}transcript?form=exe")
    assert (refused.status, refused.json["code"]) == (400, "form")
