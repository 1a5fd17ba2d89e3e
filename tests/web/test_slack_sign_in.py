"""«Sign in with Slack» before a member's page, at a real local Slack: who it opens the page for, and who not."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.services import tokens
from bot.services.connections.values import TicketNeeded
from bot.services.tickets import READING
from bot.services.tickets.slack_sign_in import CALLBACK, SlackSignIn
from bot.slack.edge.openid import SlackOpenId
from playground.slack.core.ids import TEAM
from playground.slack.core.people import MEMBER, OWNER, SECOND
from playground.slack.server import LocalSlack
from run_cards import CARDS
from storage.members import Member
from storage.schema import now
from tests.services.workshop import TOKEN, open_workshop
from tests.web.caller import PAGE, SHOWN, Answer, Caller
from tests.web.sidecar import House

CUSTOM = next(card for card in CARDS if card.name == "custom")
FIELD = 'name="token"'
ELSE, NOBODY = "as somebody else than this page is for", "Slack did not say who you are"


@dataclass
class Door:
    """A page for `MEMBER`, where the app has «Sign in with Slack»."""

    house: House
    slack: LocalSlack
    server: str
    """Which wants a token."""

    async def page(self, member: str = MEMBER, workspace: str = TEAM) -> str:
        return await _page(self.house, Member(workspace, member), self.server)

    async def off(self, caller: Caller, page: str) -> str:
        """The address at Slack that pressing the button leads to."""
        told = await caller.ask("POST", "/members/slack", data={"ticket": _token(page)}, headers=PAGE)
        assert told.status == 303, told.text
        return told.headers["Location"]

    async def at_slack(self, address: str, person: str = MEMBER) -> str:
        """What this person's press there leads back to."""
        async with aiohttp.ClientSession() as session:
            async with session.get(address) as shown:
                text = await shown.text()
                assert shown.status == 200, text
            sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', text)) | {"person": person}
            async with session.post(address.partition("?")[0], data=sent, allow_redirects=False) as done:
                assert done.status == 302, await done.text()
                return done.headers["Location"]

    async def signed_in(self, caller: Caller, page: str, person: str = MEMBER) -> Answer:
        return await caller.ask("GET", await self.at_slack(await self.off(caller, page), person), headers=PAGE)

    async def refusals(self) -> list[str]:
        async with self.house.db.read() as tables:
            return [each.action for each in await tables.audit.of(TEAM) if each.action.startswith("ticket.")]


@asynccontextmanager
async def _opened(house: House, folder: Path, server: str, *, second: bool = False) -> AsyncIterator[Door]:
    async with LocalSlack(folder / "slack", secret="-s", second=second) as slack:
        slack.openid.redirects = [house.url + CALLBACK]
        tickets = house.connections.tickets
        door = SlackOpenId(slack.openid.client_id, slack.openid.client_secret, slack.api_url)
        tickets.slack = SlackSignIn(house.db, tickets, door, house.url)
        yield Door(house, slack, server)


@pytest.fixture
async def door(house: House, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_workshop(TOKEN) as workshop, _opened(house, tmp_path, workshop.url) as door:
        yield door


async def test_its_member_signs_in_and_only_that_browser_is_let_in(door: Door) -> None:
    page, caller = await door.page(), Caller(door.house.url)
    asked = await caller.ask("GET", page, headers=PAGE)
    assert "Sign in with Slack" in asked.text and 'name="slack_code"' in asked.text and FIELD not in asked.text
    assert door.slack.url in asked.headers["Content-Security-Policy"]
    back = await door.signed_in(caller, page)
    assert (back.status, back.headers["Location"]) == (303, urlsplit(page).path)
    assert FIELD in (await caller.ask("GET", page, headers=PAGE)).text
    assert FIELD not in (await Caller(door.house.url).ask("GET", page, headers=PAGE)).text
    assert FIELD not in (await caller.ask("GET", await door.page(), headers=PAGE)).text
    (sent,) = door.slack.of("openid.connect.token")
    assert "client_secret" not in sent and sent["redirect_uri"] == door.house.url + CALLBACK


async def test_a_host_signs_in_to_read_a_chat(door: Door) -> None:
    tickets, caller = door.house.connections.tickets, Caller(door.house.url)
    page = (await tickets.issue(Member(TEAM, MEMBER), {"session": "s"}, purpose=READING)).url
    stranger = await door.signed_in(Caller(door.house.url), page, person=OWNER)
    assert stranger.headers["Location"] == urlsplit(page).path and await door.refusals() == ["ticket.stranger"]
    back = await door.signed_in(caller, page)
    assert (back.status, back.headers["Location"]) == (303, urlsplit(page).path)
    assert any(name.endswith(tickets.proof(_token(page))) for name in caller.cookies.values())


async def test_whoever_has_the_same_id_in_another_workspace_is_a_stranger(house: House, tmp_path: Path) -> None:
    other = SECOND.id
    async with house.db.begin() as tables:
        await tables.workspaces.ensure(other)
    async with open_workshop(TOKEN) as workshop, _opened(house, tmp_path, workshop.url, second=True) as door:
        page, caller = await door.page(workspace=other), Caller(house.url)
        at_slack = await door.off(caller, page)
        assert f"team={other}" in at_slack
        await caller.ask("GET", await door.at_slack(at_slack.replace(other, TEAM)), headers=PAGE)
        assert FIELD not in (await caller.ask("GET", page, headers=PAGE)).text
        async with house.db.read() as tables:
            assert "ticket.stranger" in [each.action for each in await tables.audit.of(other)]
        await door.signed_in(caller, page)
        assert FIELD in (await caller.ask("GET", page, headers=PAGE)).text


async def test_the_code_opens_it_still_where_slack_does_not_help(door: Door) -> None:
    page, caller = await door.page(), Caller(door.house.url)
    door.slack.will_refuse("openid.connect.token", "fatal_error")
    back = await door.signed_in(caller, page)
    shown = await caller.ask("GET", back.headers["Location"], headers=PAGE)
    assert NOBODY in shown.text and FIELD not in shown.text
    cancelled = await door.signed_in(caller, page, person="")
    assert NOBODY in (await caller.ask("GET", cancelled.headers["Location"], headers=PAGE)).text
    assert (await caller.prove(page, SHOWN[page])).status == 303
    assert FIELD in (await caller.ask("GET", page, headers=PAGE)).text and await door.refusals() == []


async def test_another_member_is_told_so_without_a_name_and_it_is_audited(door: Door) -> None:
    page, caller = await door.page(), Caller(door.house.url)
    back = await door.signed_in(caller, page, person=OWNER)
    shown = await caller.ask("GET", back.headers["Location"], headers=PAGE)
    assert ELSE in shown.text and FIELD not in shown.text
    assert MEMBER not in shown.text + str(back.headers) and OWNER not in shown.text + str(back.headers)
    assert await door.refusals() == ["ticket.stranger"]


async def test_five_strangers_end_it_and_its_member_costs_it_nothing(door: Door) -> None:
    page = await door.page()
    for _ in range(6):
        assert "Set-Cookie" in (await door.signed_in(Caller(door.house.url), page)).headers
    stranger = Caller(door.house.url)
    for _ in range(5):
        last = await door.signed_in(stranger, page, person=OWNER)
    assert last.status == 404
    gone = await stranger.ask("POST", "/members/slack", data={"ticket": _token(page)}, headers=PAGE)
    assert gone.status == 404 and await door.refusals() == ["ticket.stranger"] * 5


CLAIMS = {
    "another team": ({"https://slack.com/team_id": "T0OTHER"}, ELSE),
    "another user of the same name": ({"https://slack.com/user_id": MEMBER.lower()}, ELSE),
    "a user that is no text": ({"https://slack.com/user_id": [MEMBER]}, NOBODY),
    "no user": ({"https://slack.com/user_id": None}, NOBODY),
    "a foreign nonce": ({"nonce": "0" * 64}, NOBODY),
    "no nonce": ({"nonce": None}, NOBODY),
    "for another app": ({"aud": "1.2"}, NOBODY),
    "for another app as well": ({"aud": ["1767225600.11152291", "1.2"]}, NOBODY),
    "of somebody else": ({"iss": "https://slack.example"}, NOBODY),
    "too old": ({"exp": 1767225600, "iat": 1767225300}, NOBODY),
    "from tomorrow": ({"iat": 4102444800, "exp": 4102445100}, NOBODY),
    "without an end": ({"exp": None}, NOBODY),
}


@pytest.mark.parametrize("name", CLAIMS)
async def test_a_word_that_is_not_slacks_about_its_member_opens_nothing(door: Door, name: str) -> None:
    page, caller = await door.page(), Caller(door.house.url)
    door.slack.openid.claims, told = CLAIMS[name]
    await _shut_with(door, caller, page, told)


async def test_a_word_that_others_have_signed_opens_nothing(door: Door) -> None:
    door.slack.openid.forged = True
    await _shut_with(door, Caller(door.house.url), await door.page(), NOBODY)


async def test_a_word_that_signs_itself_opens_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """«none» as its algorithm, Slack's own public key as a password, and a key that Slack does not list."""
    import jwt

    signed = door.slack.openid._signed

    def unsigned(code: object) -> str:
        said = jwt.decode(signed(code), options={"verify_signature": False})  # type: ignore[arg-type]
        return jwt.encode(said, None, algorithm="none", headers={"kid": "local"})

    def with_a_password(code: object) -> str:
        said = jwt.decode(signed(code), options={"verify_signature": False})  # type: ignore[arg-type]
        return jwt.encode(said, "n" * 64, algorithm="HS256", headers={"kid": "local"})

    def with_a_key_of_nobodys(code: object) -> str:
        said = jwt.decode(signed(code), options={"verify_signature": False})  # type: ignore[arg-type]
        return jwt.encode(said, "n" * 64, algorithm="HS256", headers={"kid": "another"})

    for each in (unsigned, with_a_password, with_a_key_of_nobodys):
        monkeypatch.setattr(door.slack.openid, "_signed", each)
        await _shut_with(door, Caller(door.house.url), await door.page(), NOBODY)


async def _shut_with(door: Door, caller: Caller, page: str, told: str) -> None:
    back = await door.signed_in(caller, page)
    assert (back.status, back.headers["Location"]) == (303, urlsplit(page).path)
    shown = await caller.ask("GET", page, headers=PAGE)
    assert told in shown.text and FIELD not in shown.text


async def test_a_way_back_works_once_and_in_the_browser_that_began_it(door: Door) -> None:
    page, caller, other = await door.page(), Caller(door.house.url), Caller(door.house.url)
    back = await door.at_slack(await door.off(caller, page))
    stolen = await other.ask("GET", back, headers=PAGE)
    assert stolen.status == 400 and "Set-Cookie" not in stolen.headers
    other.cookies = {name: "x." + _token(page) for name in caller.cookies}  # who knows the page, not the secret
    assert (await other.ask("GET", back, headers=PAGE)).status == 400
    kept = dict(caller.cookies)
    assert (await caller.ask("GET", back, headers=PAGE)).status == 303  # what others tried has ended nothing
    caller.cookies = kept
    again = await caller.ask("GET", back, headers=PAGE)
    assert again.status == 400 and FIELD not in (await caller.ask("GET", page, headers=PAGE)).text


async def test_a_page_that_was_used_while_somebody_signed_in_is_not_opened_again(door: Door) -> None:
    page, caller = await door.page(), Caller(door.house.url)
    back = await door.at_slack(await door.off(caller, page))
    async with door.house.db.begin() as tables:
        ticket = await tables.tickets.by_hash(tokens.at_rest(_token(page)))
        assert ticket and await tables.tickets.use(ticket.id, now())
    late = await caller.ask("GET", back, headers=PAGE)
    assert late.status == 404 and "Set-Cookie" not in late.headers


async def test_the_sign_in_for_one_page_opens_no_other(door: Door) -> None:
    mine, theirs = await door.page(OWNER), await door.page()
    caller = Caller(door.house.url)
    back = await door.at_slack(await door.off(caller, mine), OWNER)
    ((name, value),) = caller.cookies.items()
    caller.cookies = {name: value.partition(".")[0] + "." + _token(theirs)}
    assert (await caller.ask("GET", back, headers=PAGE)).status == 400
    assert FIELD not in (await caller.ask("GET", theirs, headers=PAGE)).text


async def test_a_code_of_another_sign_in_opens_nothing(door: Door) -> None:
    """Login CSRF the other way round: a colleague's code, which they were made to give, under our own state."""
    page, thief, victim = await door.page(), Caller(door.house.url), Caller(door.house.url)
    theirs = parse_qs(urlsplit(await door.at_slack(await door.off(victim, page))).query)["code"][0]
    state = parse_qs(urlsplit(await door.off(thief, page)).query)["state"][0]
    back = await thief.ask("GET", f"{CALLBACK}?state={state}&code={theirs}", headers=PAGE)
    shown = await thief.ask("GET", back.headers["Location"], headers=PAGE)
    assert NOBODY in shown.text and FIELD not in shown.text


async def test_nothing_is_begun_from_another_site_or_for_what_is_no_page(door: Door) -> None:
    page, caller = await door.page(), Caller(door.house.url)
    away = {**PAGE, "Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    sent = await caller.ask("POST", "/members/slack", data={"ticket": _token(page)}, headers=away)
    assert sent.status == 403
    under_way = parse_qs(urlsplit(await door.off(caller, page)).query)["state"][0]
    for ticket in ("", "nonsense", under_way):
        none = await caller.ask("POST", "/members/slack", data={"ticket": ticket}, headers=PAGE)
        assert none.status == 404, ticket
    twice = await caller.ask("GET", f"{CALLBACK}?state={under_way}&state=x&code=1", headers=PAGE)
    assert twice.status == 400


async def test_without_the_apps_secret_there_is_the_code_alone(house: House) -> None:
    caller = Caller(house.url)
    async with open_workshop(TOKEN) as workshop:
        page = await caller.ask("GET", await _page(house, Member("T1", "U1"), workshop.url), headers=PAGE)
    assert "Sign in with Slack" not in page.text and "form-action 'self';" in page.headers["Content-Security-Policy"]
    for method, path in (("POST", "/members/slack"), ("GET", CALLBACK + "?state=x&code=1")):
        told = await caller.ask(method, path, headers=PAGE, **({"data": {"ticket": "x"}} if method == "POST" else {}))
        assert told.status == 404


async def _page(house: House, member: Member, server: str) -> str:
    needed = await house.connections.begin(member, CUSTOM, {"name": "Workshop", "url": server})
    assert isinstance(needed, TicketNeeded)
    return needed.url


def _token(page: str) -> str:
    return page.rpartition("/")[2]
