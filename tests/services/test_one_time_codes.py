"""A link for one person: a code goes to them, and opens the chat once, for minutes, in the browser that asked."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.errors import FormError, Refused
from bot.services.links import Draft, Links, Terms
from bot.services.links.admission import guessing
from bot.services.links.admission.codes import MOST_TRIES
from bot.services.links.admission.values import Caller, Denied, NotSent, masked
from bot.services.links.host_notes import KIND
from bot.services.links.values import Guest
from storage.schema import now
from storage.tables import AuditEntry, Job, Link, OneTimeCode, RateLimit, Session
from tests.services.house import BASE, MASTER, OWNER, House
from tests.support.engines import on_each_engine

FOR_ONE = Draft("Support", access="member", addressee="U2")
KEY, OTHER_KEY = "a" * 22, "b" * 22


class Post:
    """What was brought to whom."""

    def __init__(self) -> None:
        self.brought: list[tuple[str, str]] = []
        self.languages: list[str] = []
        self.trouble: NotSent | None = None

    async def __call__(self, link: Link, code: str, language: str) -> None:
        if self.trouble:
            raise self.trouble
        self.brought.append((link.addressee, code))
        self.languages.append(language)

    @property
    def last(self) -> str:
        return self.brought[-1][1]


class Door:
    """One link and the ways to knock at it."""

    def __init__(self, house: House) -> None:
        self.post = Post()
        couriers = {"member": self.post, "mail": self.post}
        terms = Terms(mail=True)
        self.links = Links(house.db, house.bus, base_url=BASE, master_key=MASTER, terms=terms, couriers=couriers)
        self.house = house
        self.token = ""

    async def make(self, draft: Draft = FOR_ONE) -> "Door":
        self.token = (await self.links.create(OWNER, draft)).url.rsplit("/", 1)[1]
        return self

    async def send(self, key: str = KEY, ip: str = "") -> str:
        assert await self.links.send_code(self.token, key, ip=ip)
        return self.post.last

    async def start(self, code: str, key: str = KEY):
        return await self.links.start(self.token, key, "Robin", True, caller=Caller(code=code))


async def rows(house: House, table: type) -> list:
    async with house.db.read() as tables:
        return list(await tables.session.scalars(sa.select(table)))


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


async def test_the_code_opens_the_chat_in_the_browser_that_asked_and_in_no_other(house: House) -> None:
    door = await Door(house).make()
    code = await door.send()
    assert door.post.brought == [("U2", code)] and len(code) == 6 and code.isdigit()
    await door.send(OTHER_KEY)
    for key, typed in ((OTHER_KEY, code), (KEY, door.post.last), (KEY, "")):
        with pytest.raises(Denied):
            await door.start(typed, key)
    assert await rows(house, Session) == []
    assert await door.start(f" {code[:3]} {code[3:]}\n")


@on_each_engine
async def test_a_code_is_used_once_and_the_same_press_again_is_the_same_chat(house: House) -> None:
    door = await Door(house).make()
    code = await door.send()
    started = await asyncio.gather(*(door.start(code) for _ in range(MOST_TRIES)))
    assert len({each and each.secret for each in started}) == 1 and started[0]
    with pytest.raises(Denied):
        await door.start(code, OTHER_KEY)
    assert (await rows(house, Link))[0].used_sessions == 1


@on_each_engine
async def test_a_used_code_opens_nothing_after_its_chat_gave_its_place_back(house: House) -> None:
    door = await Door(house).make()
    code = await door.send()
    assert await door.start(code)
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(Session).values(started_at=now() - timedelta(minutes=11)))
    assert await door.links.sweep() == 1
    assert await door.start(code) is None  # this browser's chat is over
    with pytest.raises(Denied):
        await door.start(code, OTHER_KEY)


async def test_one_update_decides_who_has_used_a_code(house: House) -> None:
    await (await Door(house).make()).send()
    [code] = await rows(house, OneTimeCode)
    async with house.db.begin() as tables:
        assert [await tables.codes.spend(code.id, by) for by in (b"a", b"b", b"a")] == [True, False, False]
        assert await tables.codes.tried(code.link_id, code.holder, now(), MOST_TRIES) is None


@on_each_engine
async def test_three_guesses_at_once_are_all_that_a_code_bears(house: House) -> None:
    door = await Door(house).make()
    code = await door.send()
    told = await asyncio.gather(*(door.start(other_than(code)) for _ in range(12)), return_exceptions=True)
    assert {type(each) for each in told} == {Denied}
    assert [each.tries for each in await rows(house, OneTimeCode)] == [MOST_TRIES]
    with pytest.raises(Denied):
        await door.start(code)
    assert await door.start(await door.send())


async def test_a_code_of_another_link_opens_nothing(house: House) -> None:
    one, two = await Door(house).make(), await Door(house).make()
    code = await one.send()
    await two.send()
    with pytest.raises(Denied):
        await two.start(code if code != two.post.last else other_than(code))
    assert await one.start(code)


@on_each_engine
async def test_after_ten_minutes_and_after_a_newer_one_a_code_is_over(house: House) -> None:
    door = await Door(house).make()
    first = await door.send()
    second = await door.send()
    if first != second:
        with pytest.raises(Denied):
            await door.start(first)
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(OneTimeCode).values(expires_at=now()))
    with pytest.raises(Denied):
        await door.start(second)


@on_each_engine
async def test_codes_are_sent_seldom_from_one_network_and_from_all_together(house: House) -> None:
    door = await Door(house).make()
    sending = [door.links.send_code(door.token, KEY, ip="198.51.100.7") for _ in range(8)]
    told = await asyncio.gather(*sending, return_exceptions=True)
    assert told.count(True) == guessing.CODES_FROM_ONE.burst == len(door.post.brought)
    for number in range(2):
        await door.send(ip=f"203.0.113.{number}")
    with pytest.raises(Refused) as refused:
        await door.send(ip="203.0.113.9")
    assert refused.value.code == "codes_of_link" and "10 a day" in str(refused.value)


async def test_a_code_that_reaches_nobody_is_said_and_told_to_the_creator_when_it_never_will(house: House) -> None:
    door = await Door(house).make()
    for trouble, told in ((NotSent(), 0), (NotSent(for_good=True), 1)):
        door.post.trouble = trouble
        with pytest.raises(NotSent):
            await door.send()
        assert len([job for job in await rows(house, Job) if job.kind == KIND]) == told


async def test_no_code_goes_out_for_a_dead_link_one_whose_chat_is_over_or_one_for_anybody(house: House) -> None:
    open_one = await Door(house).make(Draft("Support"))
    assert not await open_one.links.send_code(open_one.token, KEY)
    door = await Door(house).make()
    started = await door.start(await door.send())
    assert started and await door.links.end(Guest(started.link, started.session))
    assert not await door.links.send_code(door.token, OTHER_KEY)
    assert not await door.links.send_code("tc_nonsense", KEY)
    assert len(door.post.brought) == 1


async def test_no_code_stands_in_the_database(house: House) -> None:
    door = await Door(house).make()
    code = await door.send()
    with pytest.raises(Denied):
        await door.start(other_than(code))
    assert await door.start(code)
    for table in (OneTimeCode, AuditEntry, Job, RateLimit):
        for each in await rows(house, table):
            assert code not in str({name: value for name, value in vars(each).items() if isinstance(value, str)})
    actions = [each.action for each in await rows(house, AuditEntry)]
    assert actions.count("link.code_sent") == actions.count("link.code_failed") == 1


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft("x", access="member"), "addressee"),
        (Draft("x", access="member", addressee="Robin"), "addressee"),
        (Draft("x", access="mail", addressee="robin@example"), "addressee"),
        (Draft("x", access="mail", addressee="a@b.com\nBcc: c@d.com"), "addressee"),
        (Draft("x", access="mail", addressee="a@b.com, c@d.com"), "addressee"),
        (Draft("x", access="mail", addressee=f"{'a' * 64}@{'b' * 200}.com"), "addressee"),
        (Draft("x", access="member", addressee="U2", max_sessions=2), "max_sessions"),
    ],
)
async def test_whom_a_link_is_for_is_looked_over(house: House, draft: Draft, field: str) -> None:
    with pytest.raises(FormError) as wrong:
        await Door(house).make(draft)
    assert set(wrong.value.errors) == {field}


async def test_without_mail_no_link_is_made_that_needs_it(house: House) -> None:
    with pytest.raises(FormError) as wrong:
        await house.links.create(OWNER, Draft("x", access="mail", addressee="robin@example.com"))
    assert "No mail can be sent" in wrong.value.errors["access"]


@pytest.mark.parametrize(
    ("address", "shown"),
    [("anna@acme.com", "a•••@acme.com"), ("a@acme.com", "•••@acme.com")],
)
def test_an_address_is_shown_so_that_its_owner_alone_knows_it(address: str, shown: str) -> None:
    assert masked(address) == shown


async def test_the_code_comes_in_the_links_language_else_in_that_of_the_page(house: House) -> None:
    door = await Door(house).make()
    assert await door.links.send_code(door.token, KEY, language="fr")
    await door.make(replace(FOR_ONE, language="de"))
    assert await door.links.send_code(door.token, KEY, language="fr")
    assert door.post.languages == ["fr", "de"]
