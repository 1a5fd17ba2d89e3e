"""Signing in at a service, from the page that asks «is this you?» to the connection, and who is kept out."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import FormError
from bot.services.connections.oauth import REVOKE
from bot.services.connections.values import TicketNeeded
from bot.services.tickets import Entry
from mcp_runtime.oauth.registration import Site, document
from mcp_runtime.sessions.pool import Offer, Pool
from mcp_runtime.specs import HttpSpec, as_json
from run_cards import custom
from run_cards.card import OAuth, RunCard
from storage.tables import Connection, Job, OAuthFlow, Secret
from tests.support.oauth import Lab, agree, issuer, open_lab
from tests.web.caller import PAGE, Answer, Caller
from tests.web.sidecar import NAME, OWNER, House

SIGNED_IN = "Vault is connected: 2 tools now available"


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    async with open_lab() as lab:
        yield lab


async def needed(house: House, lab: Lab) -> TicketNeeded:
    found = await house.connections.begin(OWNER, custom.CARD, {"name": "Vault", "url": lab.url}, view={"id": "V1"})
    assert isinstance(found, TicketNeeded)
    return found


async def go(caller: Caller, url: str) -> str:
    """Press the button: where the browser is sent."""
    await caller.prove(url)
    page = await caller.ask("GET", url, headers=PAGE)
    sent = await caller.ask("POST", "/oauth/start", data={"ticket": page.hidden("ticket")}, headers=PAGE)
    assert sent.status == 303, sent.text
    return sent.headers["Location"]


async def back(caller: Caller, url: str, **changed: str | None) -> Answer:
    """Say yes there, and come back."""
    answer = dict((await agree(url)).params) | changed
    query = {name: value for name, value in answer.items() if value is not None}
    sent = await caller.ask("GET", "/oauth/callback", params=query, headers=PAGE)
    return await caller.ask("GET", sent.headers["Location"], headers=PAGE) if sent.status == 303 else sent


async def connections(house: House) -> list[Connection]:
    return [view.connection for view in await house.connections.of(OWNER)]


async def outcomes(house: House) -> list[dict]:
    async with house.db.read() as tables:
        jobs = await tables.session.scalars(sa.select(Job).where(Job.kind == "connect_outcome").order_by(Job.id))
        return [job.payload for job in jobs]


async def left_over(house: House) -> int:
    """Rows of sign-ins and secrets."""
    async with house.db.read() as tables:
        counts = [await tables.session.scalar(sa.select(sa.func.count()).select_from(t)) for t in (OAuthFlow, Secret)]
    return sum(each or 0 for each in counts)


async def test_a_member_signs_in_at_the_service_and_both_windows_say_so(house: House, lab: Lab) -> None:
    asked = await needed(house, lab)
    assert asked.signs_in_at == lab.origin.removeprefix("http://") and asked.url.startswith(f"{house.url}/oauth/start")
    caller = Caller(house.url)
    done = await back(caller, await go(caller, asked.url))
    assert done.status == 200 and SIGNED_IN in done.text
    (connection,) = await connections(house)
    assert (await house.connections.test(OWNER, connection.id)).ok
    (told,) = await outcomes(house)
    assert (told["ok"], told["sentence"], told["view"], told["tools"]) == (True, SIGNED_IN, {"id": "V1"}, 2)


async def test_the_page_names_whose_account_will_act_for_whom_and_looking_uses_nothing_up(
    house: House, lab: Lab
) -> None:
    asked = await needed(house, lab)
    member = await house.member(asked.url)
    for _ in range(3):  # a preview, a scanner, a person
        page = await Caller(house.url).ask("GET", asked.url, headers=PAGE)
        assert page.status == 200 and f"Are you {NAME}?" in page.text and "Sign in at" not in page.text
        page = await member.ask("GET", asked.url, headers=PAGE)
        for words in (f">{NAME}</b>", '<dd dir="auto">Vault</dd>', f"Sign in at {asked.signs_in_at}"):
            assert words in page.text
        assert f"({OWNER.id})" not in page.text and f">{OWNER.workspace}<" not in page.text
        assert "Set-Cookie" not in page.headers and "/authorize" not in page.text
    assert f"form-action 'self' https: {lab.origin}" in page.headers["Content-Security-Policy"]
    assert await left_over(house) == 0 and lab.count("/register") == 0
    assert SIGNED_IN in (await back(caller := Caller(house.url), await go(caller, asked.url))).text


async def test_who_is_sent_a_page_lends_no_account(house: House, lab: Lab) -> None:
    asked = await needed(house, lab)
    other = Caller(house.url)
    for told in ({}, {"slack_code": "1"}):
        sent = await other.ask(
            "POST", "/oauth/start", data={"ticket": asked.url.rpartition("=")[2], **told}, headers=PAGE
        )
        assert sent.status == 422 and f"Are you {NAME}?" in sent.text
    assert lab.asked == [] and await left_over(house) == 0


async def test_the_request_carries_all_that_the_protocol_asks_for(house: House, lab: Lab) -> None:
    await go(Caller(house.url), (await needed(house, lab)).url)
    caller = Caller(house.url)
    await back(caller, await go(caller, (await needed(house, lab)).url))
    asked, form = lab.asked[-1], lab.forms[-1]
    assert asked["code_challenge_method"] == "S256" and len(asked["state"]) >= 43
    assert asked["redirect_uri"] == form["redirect_uri"] == f"{house.url}/oauth/callback"
    assert asked["resource"] == form["resource"] == lab.url
    assert asked["scope"].split() == ["read", "offline_access"] and asked["prompt"] == "consent"
    registered = next(iter(lab.clients.values()))
    assert [str(uri) for uri in registered.redirect_uris or []] == [asked["redirect_uri"]]
    assert registered.application_type == "native"  # this sidecar is on loopback


async def test_a_ticket_and_an_answer_count_once(house: House, lab: Lab) -> None:
    asked, caller = await needed(house, lab), Caller(house.url)
    await caller.prove(asked.url)
    page = await caller.ask("GET", asked.url, headers=PAGE)
    sent = await caller.ask("POST", "/oauth/start", data={"ticket": page.hidden("ticket")}, headers=PAGE)
    again = await caller.ask("POST", "/oauth/start", data={"ticket": page.hidden("ticket")}, headers=PAGE)
    assert again.status == 404 and (await caller.ask("GET", asked.url, headers=PAGE)).status == 404
    cookies = dict(caller.cookies)
    query = dict((await agree(sent.headers["Location"])).params)
    first = await caller.ask("GET", "/oauth/callback", params=query, headers=PAGE)
    assert first.status == 303 and "code=" not in first.headers["Location"]
    caller.cookies = cookies
    replayed = await caller.ask("GET", "/oauth/callback", params=query, headers=PAGE)
    assert replayed.status == 400 and "has been used already" in replayed.text
    assert len(await connections(house)) == 1 and len(await outcomes(house)) == 1


async def test_what_was_begun_in_one_browser_cannot_end_in_another(house: House, lab: Lab) -> None:
    """Else somebody could send a member the end of a sign-in of their own, or be sent the member's."""
    victim, attacker = Caller(house.url), Caller(house.url)
    url = await go(victim, (await needed(house, lab)).url)
    await go(attacker, (await needed(house, lab)).url)
    query = dict((await agree(url)).params)
    (theirs,) = (value for name, value in attacker.cookies.items() if "oa_" in name)
    for cookies in ({}, attacker.cookies, {name: theirs for name in victim.cookies}):
        other = Caller(house.url)
        other.cookies = dict(cookies)
        answer = await other.ask("GET", "/oauth/callback", params=query, headers=PAGE)
        assert answer.status == 400 and "another browser" in answer.text
    assert await connections(house) == [] and lab.forms == []
    done = await victim.ask("GET", "/oauth/callback", params=query, headers=PAGE)
    assert done.status == 303 and len(await connections(house)) == 1  # nothing was taken from the one who began


@pytest.mark.parametrize("iss", ["https://evil.example", None, ""])
async def test_an_answer_of_another_sign_in_server_is_believed_in_nothing(
    house: House, lab: Lab, iss: str | None
) -> None:
    caller = Caller(house.url)
    url = await go(caller, (await needed(house, lab)).url)
    told = await back(caller, url, iss=iss, error="<i>evil</i>", error_description="call 0900")
    assert "Vault is not connected" in told.text and "evil" not in told.text and "call 0900" not in told.text
    assert lab.forms == [] and await connections(house) == [] and await left_over(house) == 0
    (outcome,) = await outcomes(house)
    assert outcome["ok"] is False and "sign-in server" in outcome["sentence"]


@pytest.mark.parametrize("change", [str.upper, lambda iss: iss.rstrip("/") + ":80", lambda iss: iss + "#"])
async def test_an_issuer_is_compared_letter_by_letter(house: House, lab: Lab, change) -> None:
    caller = Caller(house.url)
    await back(caller, await go(caller, (await needed(house, lab)).url), iss=change(issuer(lab)))
    assert lab.forms == [] and await connections(house) == []


@pytest.mark.parametrize("twice", ["iss", "code", "state", "error"])
async def test_an_answer_that_says_something_twice_is_none(house: House, lab: Lab, twice: str) -> None:
    caller = Caller(house.url)
    answer = dict((await agree(await go(caller, (await needed(house, lab)).url))).params)
    query = [*({"error": "x"} | answer if twice == "error" else answer).items(), (twice, "https://evil.example")]
    sent = await caller.ask("GET", "/oauth/callback", params=query, headers=PAGE)
    assert sent.status == 400 and lab.forms == [] and await connections(house) == []
    assert await left_over(house) == 1  # nothing was taken: the true answer may still come


async def test_who_says_no_there_is_told_so_and_nothing_is_left(house: House, lab: Lab) -> None:
    caller = Caller(house.url)
    url = await go(caller, (await needed(house, lab)).url)
    told = await back(caller, url, code=None, error="access_denied")
    assert "you did not allow it at" in told.text
    assert await connections(house) == [] and await left_over(house) == 0
    (outcome,) = await outcomes(house)
    assert outcome["ok"] is False and outcome["view"] == {"id": "V1"}
    late = await back(caller, url)
    assert late.status == 400


async def test_a_sign_in_that_took_too_long_is_over(house: House, lab: Lab) -> None:
    caller = Caller(house.url)
    url = await go(caller, (await needed(house, lab)).url)
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(OAuthFlow).values(expires_at=sa.func.datetime("2026-01-01")))
    assert (await back(caller, url)).status == 400
    assert await connections(house) == [] and lab.forms == [] and await left_over(house) == 0


async def test_a_code_that_the_service_refuses_leaves_nothing(house: House, lab: Lab) -> None:
    caller = Caller(house.url)
    told = await back(caller, await go(caller, (await needed(house, lab)).url), code="guessed")
    assert "refused to let me in" in told.text
    assert await connections(house) == [] and await left_over(house) == 0


async def test_a_page_is_still_good_after_the_service_could_not_be_asked(house: House, lab: Lab) -> None:
    asked, caller = await needed(house, lab), Caller(house.url)
    await caller.prove(asked.url)
    page = await caller.ask("GET", asked.url, headers=PAGE)
    lab.broken = {"/register"}
    refused = await caller.ask("POST", "/oauth/start", data={"ticket": page.hidden("ticket")}, headers=PAGE)
    assert refused.status == 409 and "gives no usable answer" in refused.text
    lab.broken = set()
    assert SIGNED_IN in (await back(caller, await go(caller, asked.url))).text


async def test_what_cannot_be_kept_here_is_ended_there(house: House, lab: Lab) -> None:
    """Two sign-ins for one name: the second has nowhere to go."""
    first, second = Caller(house.url), Caller(house.url)
    urls = [await go(each, (await needed(house, lab)).url) for each in (first, second)]
    assert SIGNED_IN in (await back(first, urls[0])).text
    before = set(lab.access)
    assert "You have a connection called Vault already" in (await back(second, urls[1])).text
    assert set(lab.access) == before
    assert len(await connections(house)) == 1


async def test_a_sign_in_that_breaks_on_our_side_is_told_in_both_windows(
    house: House, lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of our own")

    monkeypatch.setattr("bot.services.connections.saving.Saving.save", breaks)
    caller = Caller(house.url)
    done = await back(caller, await go(caller, (await needed(house, lab)).url))
    assert "Something went wrong on our side" in done.text and "Slack tells it as well" in done.text
    (told,) = await outcomes(house)
    assert not told["ok"] and told["view"] == {"id": "V1"} and "Look in `/mcp list`" in told["sentence"]
    reference = told["sentence"].removesuffix(".").rpartition(" ")[2]
    assert reference in caplog.text and "a fault of our own" in caplog.text and "a fault" not in done.text


async def test_a_sign_in_again_keeps_what_the_member_has_set_and_ends_a_server_s_refusal(
    house: House, lab: Lab
) -> None:
    caller = Caller(house.url)
    await back(caller, await go(caller, (await needed(house, lab)).url))
    (connection,) = await connections(house)
    await house.connections.choices.set_policy(OWNER, connection.id, "change", "always")
    lab.expire()
    lab.refresh.clear()
    assert not (await house.connections.test(OWNER, connection.id)).ok
    again = await house.connections.sign_in(OWNER, connection.id, Entry.PAGE, view={"id": "V2"})
    assert again.signs_in_at
    assert "Vault works again: 2 tools available" in (await back(caller, await go(caller, again.url))).text
    (connection,) = await connections(house)
    assert connection.status == "connected" and lab.count("/register") == 1
    (change,) = (t for t in await house.connections.tools(OWNER, connection.id) if t.name == "change")
    assert change.policy == "always"


async def test_no_server_gets_a_token_that_was_signed_in_for_at_another(house: House, lab: Lab) -> None:
    """Its member has edited the address while the page of the first server's sign-in was open."""
    caller = Caller(house.url)
    await back(caller, await go(caller, (await needed(house, lab)).url))
    (connection,) = await connections(house)
    sent = await go(caller, (await house.connections.sign_in(OWNER, connection.id, Entry.PAGE, view={"id": "V2"})).url)
    async with open_lab() as elsewhere:
        async with house.db.begin() as tables:
            leads = as_json(HttpSpec(elsewhere.url))
            await tables.connections.update(OWNER.workspace, connection.id, spec=leads)
        told = await back(caller, sent)
        assert "Its address was changed meanwhile" in told.text
        assert elsewhere.seen == []
    assert (await outcomes(house))[-1]["ok"] is False


async def test_no_grant_is_kept_for_a_connection_whose_address_changed_while_it_was_tried(
    house: House, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, tried = Caller(house.url), Pool.try_out
    await back(caller, await go(caller, (await needed(house, lab)).url))
    (connection,) = await connections(house)
    sent = await go(caller, (await house.connections.sign_in(OWNER, connection.id, Entry.PAGE, view={"id": "V2"})).url)

    async def edited_meanwhile(*given: Any, **named: Any) -> Offer:
        offer = await tried(*given, **named)
        async with house.db.begin() as tables:
            leads = as_json(HttpSpec("https://elsewhere.example/mcp"))
            await tables.connections.update(OWNER.workspace, connection.id, spec=leads)
        return offer

    monkeypatch.setattr(Pool, "try_out", edited_meanwhile)
    assert "Its address was changed meanwhile" in (await back(caller, sent)).text
    assert (await connections(house))[0].version == connection.version


async def test_disconnecting_ends_the_grant_at_the_service(house: House, lab: Lab) -> None:
    caller = Caller(house.url)
    await back(caller, await go(caller, (await needed(house, lab)).url))
    (connection,) = await connections(house)
    await house.connections.disconnect(OWNER, connection.id)
    async with house.db.read() as tables:
        (job,) = await tables.session.scalars(sa.select(Job).where(Job.kind == REVOKE))
    assert not any(token in str(job.payload) for token in [*lab.access, *lab.refresh])
    await house.connections.oauth.revoking(job)
    assert lab.access == {} and lab.refresh == {} and await left_over(house) == 0


def only_by_oauth(lab: Lab, **oauth: object) -> RunCard:
    return RunCard("vault", "Vault", "A vault.", (), lambda values: HttpSpec(lab.url), oauth=OAuth(**oauth))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"code_challenge_methods_supported": None}, "no protection against stolen codes"),
        ({"code_challenge_methods_supported": ["plain"]}, "no protection against stolen codes"),
        ({"issuer": "https://honest.example"}, "calls itself by another name"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "an address that is not safe to open"),
        ({"authorization_endpoint": "http://intranet/authorize"}, "an address that is not safe to open"),
        ({"token_endpoint": "http://intranet/token"}, "an address that is not safe to open"),
        ({"authorization_endpoint": "https://you@bank.example/"}, "an address that is not safe to open"),
        ({"registration_endpoint": None}, "only apps that are registered"),
    ],
)
async def test_a_sign_in_that_is_not_safe_is_not_begun(house: House, lab: Lab, said: dict, told: str) -> None:
    lab.extra = said
    with pytest.raises(FormError, match=told):
        await house.connections.begin(OWNER, only_by_oauth(lab), {})
    assert lab.asked == [] and lab.count("/register") == 0 and await left_over(house) == 0


async def test_where_a_token_would_do_as_well_its_page_is_offered_instead(house: House, lab: Lab) -> None:
    lab.extra = {"code_challenge_methods_supported": None}
    found = await needed(house, lab)
    assert not found.signs_in_at and "/connect/" in found.url


async def test_a_ticket_for_one_page_opens_no_other(house: House, lab: Lab) -> None:
    token = (await needed(house, lab)).url.rpartition("=")[2]
    caller = Caller(house.url)
    assert (await caller.ask("GET", f"/connect/{token}", headers=PAGE)).status == 404
    assert (await caller.ask("POST", f"/connect/{token}", data={"token": "x"}, headers=PAGE)).status == 404
    lab.extra = {"code_challenge_methods_supported": None}
    other = (await needed(house, lab)).url.rpartition("/")[2]
    assert (await caller.ask("GET", f"/oauth/start?ticket={other}", headers=PAGE)).status == 404
    assert (await caller.ask("POST", "/oauth/start", data={"ticket": other}, headers=PAGE)).status == 404


async def test_a_request_from_another_site_begins_nothing(house: House, lab: Lab) -> None:
    token = (await needed(house, lab)).url.rpartition("=")[2]
    foreign = {"Sec-Fetch-Site": "cross-site", **PAGE}
    sent = await Caller(house.url).ask("POST", "/oauth/start", data={"ticket": token}, headers=foreign)
    assert sent.status == 403 and await left_over(house) == 0


async def test_a_look_without_a_body_takes_no_answer(house: House, lab: Lab) -> None:
    caller = Caller(house.url)
    url = await go(caller, (await needed(house, lab)).url)
    query = dict((await agree(url)).params)
    assert (await caller.ask("HEAD", "/oauth/callback", params=query)).status == 405
    assert (await caller.ask("GET", "/oauth/callback", params=query, headers=PAGE)).status == 303


async def test_our_document_is_only_where_services_could_read_it(house: House) -> None:
    assert (await Caller(house.url).ask("GET", "/oauth/client.json")).status == 404


def test_what_we_say_of_ourselves_is_what_the_protocol_asks_for() -> None:
    site = Site("https://usher.example")
    said = document(site)
    assert said["client_id"] == "https://usher.example/oauth/client.json" == site.client_id
    assert said["redirect_uris"] == ["https://usher.example/oauth/callback"]
    assert said["client_name"] == "Usher" and said["token_endpoint_auth_method"] == "none"
    assert said["application_type"] == "web" and "refresh_token" in said["grant_types"]


async def test_a_browser_that_is_closed_on_the_way_back_breaks_nothing_off(house: House, lab: Lab) -> None:
    caller, asked, go_on = Caller(house.url), asyncio.Event(), asyncio.Event()
    query = dict((await agree(await go(caller, (await needed(house, lab)).url))).params)

    async def hold() -> None:
        asked.set()
        await go_on.wait()

    lab.before_token = hold
    coming_back = asyncio.create_task(caller.ask("GET", "/oauth/callback", params=query, headers=PAGE))
    await asked.wait()
    coming_back.cancel()
    await asyncio.gather(coming_back, return_exceptions=True)
    go_on.set()
    async with asyncio.timeout(60):
        while not await outcomes(house):
            await asyncio.sleep(0.01)
    assert len(await connections(house)) == 1 and (await outcomes(house))[0]["ok"]


@pytest.mark.parametrize(
    ("told", "refused"),
    [
        ({"access_token": "line\nbreak", "token_type": "Bearer"}, "a kind of token that I cannot use"),
        ({"access_token": "schlüssel", "token_type": "Bearer"}, "a kind of token that I cannot use"),
        ({"access_token": "good", "token_type": "DPoP"}, "a kind of token that I cannot use"),
        ({"ok": False, "error": "bad_code"}, "refused to let me in"),
        ({"nothing": "of use"}, "gives no usable answer"),
        ([], "gives no usable answer"),
    ],
)
async def test_what_is_no_usable_token_leaves_nothing(house: House, lab: Lab, told: object, refused: str) -> None:
    """Some services say no with a 200."""
    lab.token_answer = told
    caller = Caller(house.url)
    shown = await back(caller, await go(caller, (await needed(house, lab)).url))
    assert refused in shown.text and await connections(house) == [] and await left_over(house) == 0
