"""A crowd at the door makes each start cost some work: asked for, looked at, used once, and over when the crowd is."""

import asyncio
import base64
import json
import random
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from altcha import Challenge, Payload, Solution, solve_challenge

from bot.errors import Refused
from bot.services.links import Draft, Links, Terms
from bot.services.links.admission import crowds, proofs, work
from bot.services.links.admission.proofs import WorkAsked
from bot.services.links.admission.values import Caller, Denied
from bot.services.links.values import Started
from storage.repositories.work.rates import Limit
from storage.tables import AuditEntry, Job, RateLimit, SecurityEvent, Session
from tests.services.house import BASE, MASTER, OWNER, House
from tests.support.engines import on_each_engine

HOUR = 3_600 * 1_000_000
ANYTHING = (None, True, 0, -1, 1.5, float("nan"), 10**300, "", "x", "\ud800", [], {}, [[]], {"__proto__": 1}, "00" * 40)


@pytest.fixture(autouse=True)
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it is asked for in the same way, it may be quick."""
    monkeypatch.setattr(proofs, "_COST", 10)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two starts within an hour are a crowd."""
    monkeypatch.setattr(crowds, "OF_LINK", Limit(1, HOUR))


class Door:
    def __init__(self, house: House, choice: str = "auto") -> None:
        terms = Terms(work=choice)
        self.links = Links(house.db, house.bus, base_url=BASE, master_key=MASTER, terms=terms)
        self.token = ""
        self.number = 0

    async def make(self, **draft: Any) -> "Door":
        created = await self.links.create(OWNER, Draft("Support", **{"max_sessions": 100, **draft}))
        self.token, self.link = created.url.rsplit("/", 1)[1], created.link
        return self

    async def start(self, work: str = "", key: str = "", **caller: Any) -> Started | None:
        self.number += 1
        caller = {"work": work, **caller}
        return await self.links.start(self.token, key or f"{self.number:022}", "Robin", True, caller=Caller(**caller))

    async def refused(self, given: str = "") -> WorkAsked:
        with pytest.raises(WorkAsked) as asked:
            await self.start(given)
        return asked.value


def solution(challenge: dict[str, Any]) -> str:
    found = Challenge.from_dict(challenge)
    solved = solve_challenge(found)
    assert solved
    return Payload(found, solved).to_base64()


async def rows(house: House, table: type) -> list:
    async with house.db.read() as tables:
        return list(await tables.session.scalars(sa.select(table)))


@on_each_engine
async def test_an_office_that_opens_a_link_at_once_works_for_nothing(house: House) -> None:
    door = await Door(house).make()
    started = await asyncio.gather(*(door.start() for _ in range(50)))
    assert all(started)
    assert await rows(house, SecurityEvent) == []
    assert not [job for job in await rows(house, Job) if job.kind in (crowds.JOB, "admin_note", "host_note")]


async def test_more_than_people_start_are_asked_for_work_and_each_piece_lets_one_in(house: House, hasty: None) -> None:
    door = await Door(house).make()
    assert await door.start() and await door.start()
    asked = await door.refused()
    assert asked.code == "work_needed" and "short calculation" in str(asked)
    given = solution(asked.challenge)
    assert await door.start(given)
    assert (await door.refused(given)).code == "work_used"
    assert len(await rows(house, Session)) == 3


async def test_what_is_refused_writes_nothing(house: House, hasty: None) -> None:
    door = await Door(house).make()
    assert await door.start() and await door.start()
    before = {table: len(await rows(house, table)) for table in (Session, RateLimit, AuditEntry, Job, SecurityEvent)}
    for given in ("", "nonsense", "x" * 100_000):
        await door.refused(given)
    assert {table: len(await rows(house, table)) for table in before} == before


@on_each_engine
async def test_one_piece_given_by_many_at_once_lets_one_in(house: House) -> None:
    door = await Door(house, "always").make()
    given = solution((await door.refused()).challenge)
    told = await asyncio.gather(*(door.start(given) for _ in range(12)), return_exceptions=True)
    assert sum(isinstance(each, Started) for each in told) == 1 == len(await rows(house, Session))
    assert {each.code for each in told if isinstance(each, WorkAsked)} == {"work_used"}


async def test_the_same_press_again_is_the_same_chat_and_needs_no_more_work(house: House) -> None:
    door = await Door(house, "always").make()
    first = await door.start(solution((await door.refused()).challenge), key="k" * 22)
    again = await door.start("", key="k" * 22)
    assert first and again and first.secret == again.secret


def forged(given: str, **changed: Any) -> str:
    told = json.loads(base64.b64decode(given))
    for path, value in changed.items():
        place = told
        *folders, last = path.split("__")
        for name in folders:
            place = place[name]
        place[last] = value
    return base64.b64encode(json.dumps(told).encode()).decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"solution__counter": 0},
        {"solution__counter": -1},
        {"solution__counter": "1"},
        {"solution__derivedKey": "00" * 32},
        {"challenge__parameters__cost": 1},
        {"challenge__parameters__keyPrefix": ""},
        {"challenge__parameters__expiresAt": 4_000_000_000},
        {"challenge__parameters__expiresAt": None},
        {"challenge__parameters__algorithm": "SHA-256"},
        {"challenge__parameters__nonce": "00" * 16},
        {"challenge__parameters__data": {"link": "another"}},
        {"challenge__parameters": []},
        {"challenge__signature": ""},
        {"challenge__signature": None},
        {"challenge": "x"},
        {"solution": None},
    ],
    ids=str,
)
async def test_what_is_forged_is_refused_with_a_sentence_and_something_new_to_do(
    house: House, changed: dict[str, Any]
) -> None:
    door = await Door(house, "always").make()
    asked = await door.refused()
    given = solution(asked.challenge)
    if changed == {"solution__counter": 0} and json.loads(base64.b64decode(given))["solution"]["counter"] == 0:
        changed = {"solution__counter": 1}
    again = await door.refused(forged(given, **changed))
    assert again.code == "work_wrong" and "does not fit" in str(again)
    assert again.challenge["parameters"]["nonce"] != asked.challenge["parameters"]["nonce"]
    assert await door.start(solution(again.challenge))


def shaken(told: Any, dice: random.Random) -> Any:
    """The same with one thing in it that is another, at any depth."""
    if not isinstance(told, dict) or not told or dice.random() < 0.2:
        return dice.choice(ANYTHING)
    name = dice.choice(sorted(told))
    if dice.random() < 0.15:
        return {key: value for key, value in told.items() if key != name}
    return told | {name: shaken(told[name], dice)}


async def test_whatever_is_made_of_it_is_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "_COST", 1)
    ours, dice = proofs.Proofs(b"a key"), random.Random(7)  # noqa: S311 - the same ones each time
    given = json.loads(base64.b64decode(solution(await ours.challenge("a link"))))
    del given["solution"]["time"]  # nobody looks at it
    # Left out, these are taken as they stand in every challenge: it is the same piece then, and used up as such.
    del given["challenge"]["parameters"]["keyPrefix"], given["challenge"]["parameters"]["keyLength"]
    assert await ours.mark("a link", base64.b64encode(json.dumps(given).encode()).decode())
    for _ in range(300):
        made_up = shaken(given, dice)
        if made_up == given:
            continue
        text = base64.b64encode(json.dumps(made_up).encode("utf-8", "surrogatepass")).decode()
        with pytest.raises(Denied) as refused:
            await ours.mark("a link", text)
        assert refused.value.code in ("work_wrong", "work_late")


@on_each_engine
async def test_two_processes_take_one_piece_once(house: House) -> None:
    door = await Door(house, "always").make()
    other = Door(house, "always")
    other.token, other.link, other.number = door.token, door.link, 1_000
    given = solution((await door.refused()).challenge)
    told = await asyncio.gather(*(each.start(given) for each in [door, other] * 4), return_exceptions=True)
    assert sum(isinstance(each, Started) for each in told) == 1


async def test_work_for_another_link_or_of_another_installation_is_none(house: House) -> None:
    one, two = await Door(house, "always").make(), await Door(house, "always").make()
    assert (await two.refused(solution((await one.refused()).challenge))).code == "work_wrong"
    stranger = await proofs.Proofs(b"another key").challenge(two.link.id)
    assert (await two.refused(solution(stranger))).code == "work_wrong"


async def test_work_that_comes_too_late_is_told_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    door = await Door(house, "always").make()
    with monkeypatch.context() as patch:
        patch.setattr(proofs, "LIVES", timedelta(seconds=-1))
        given = solution((await door.refused()).challenge)
    assert (await door.refused(given)).code == "work_late"


async def test_without_scripts_a_few_are_let_in_and_the_next_are_told_what_helps(house: House) -> None:
    door = await Door(house, "always").make()
    told = [await door.start(plain=True) for _ in range(work.WITHOUT.burst)]
    assert all(told)
    with pytest.raises(Refused) as refused:
        await door.start(plain=True)
    assert refused.value.code == "work_plain" and "Turn JavaScript on" in str(refused.value)
    assert refused.value.retry_after and refused.value.retry_after <= 21


@pytest.mark.parametrize("access", [{"access": "passcode", "passcode": "acorn-lake"}])
async def test_who_knows_the_passcode_works_for_nothing(house: House, access: dict[str, Any]) -> None:
    door = await Door(house, "always").make(**access)
    assert await door.start(passcode="acorn-lake")


async def test_switched_off_nobody_is_asked(house: House, hasty: None) -> None:
    door = await Door(house, "off").make()
    assert all([await door.start() for _ in range(4)])
    assert [each for each in await rows(house, RateLimit) if each.rests_at > 0] and not await rows(house, SecurityEvent)


@on_each_engine
async def test_going_on_is_noted_once_and_told_and_so_is_its_end(
    house: House, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = await Door(house).make()
    assert await door.start() and await door.start()
    assert await door.start(solution((await door.refused()).challenge))
    jobs = await rows(house, Job)
    due = [job for job in jobs if job.kind == crowds.JOB]
    assert len(due) == 1 and [job.payload["what"] for job in jobs if job.kind == "host_note"] == ["crowd"]
    assert [(each.kind, each.link_id) for each in await rows(house, SecurityEvent)] == [("work_on", door.link.id)]
    await door.links.starting.crowds.calmer(due[0].payload)  # too early
    await door.refused()
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(RateLimit).values(rests_at=0))
    await door.links.starting.crowds.calmer(due[0].payload)
    assert await door.start()
    assert [each.kind for each in await rows(house, SecurityEvent)] == ["work_on", "work_off"]
    actions = [each.action for each in await rows(house, AuditEntry)]
    assert actions.count("link.work_on") == actions.count("link.work_off") == 1


@on_each_engine
async def test_all_links_together_are_watched_too_and_administrators_are_told_calmly(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowds, "OF_ALL", Limit(2, HOUR))
    doors = [await Door(house).make() for _ in range(4)]
    assert all([await door.start() for door in doors[:3]])
    await doors[3].refused()
    notes = [job.payload["text"] for job in await rows(house, Job) if job.kind == "admin_note"]
    assert len(notes) == 1 and "nothing has to be done" in notes[0]
    assert [(each.kind, each.link_id) for each in await rows(house, SecurityEvent)] == [("work_on", None)]


@on_each_engine
async def test_whoever_is_refused_for_another_reason_counts_for_no_crowd(house: House, hasty: None) -> None:
    door = await Door(house).make(max_sessions=1)
    assert await door.start()
    assert [await door.start() for _ in range(3)] == [None, None, None]
    other = await Door(house).make()
    assert await other.start()
    assert await rows(house, SecurityEvent) == []


def test_what_was_solved_is_read_as_the_library_wrote_it() -> None:
    """The page puts it together by itself; this is the shape that it has."""
    shape = json.loads(base64.b64decode(Payload(Challenge.from_dict(CHALLENGE), Solution(1, "00")).to_base64()))
    assert shape == {"challenge": CHALLENGE, "solution": {"counter": 1, "derivedKey": "00"}}


CHALLENGE = {
    "parameters": {
        "algorithm": "PBKDF2/SHA-256",
        "cost": 1,
        "keyLength": 32,
        "keyPrefix": "00",
        "nonce": "",
        "salt": "",
    },
    "signature": "s",
}
