"""How fast guests may be together: each scope bites in its turn, and a refusal costs no other."""

import secrets
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services.limits import conduct, rates
from bot.services.limits.networks import WIDE
from bot.services.links import Draft, Guest
from bot.services.links.admission import crowds, guessing, work
from bot.services.links.admission.values import Caller
from storage.repositories.work.rates import SECOND, Limit
from storage.tables import RateLimit
from tests.services.house import OWNER, House
from tests.support.engines import on_each_engine

OFFICE = "198.51.100.7/32"


async def guests(house: House, number: int, **draft) -> list[Guest]:
    created = await house.links.create(OWNER, Draft("Survey", max_sessions=number, **draft))
    token, found = created.url.rpartition("/")[2], []
    for _ in range(number):
        started = await house.links.start(token, secrets.token_urlsafe(16), "Visitor", True)
        guest = await house.links.guest(started.link.id, started.secret) if started else None
        assert guest
        found.append(guest)
    return found


@on_each_engine
async def test_an_office_behind_one_address_writes_as_fast_as_each_of_it_may(house: House) -> None:
    everybody = await guests(house, 15)
    for guest in everybody:
        await house.chats.say_as_guest(guest, "hello", "c1", prefix=OFFICE)
    async with house.db.read() as tables:
        spent = set(await tables.session.scalars(sa.select(RateLimit.key)))
    name = rates.hidden(house.chats._saying._rate_key, "message:prefix", OFFICE)
    assert name in spent and not any("198.51" in key for key in spent)
    assert rates.MESSAGES["prefix"].limit.burst == 15 * rates.MESSAGES["session:minute"].limit.burst


@pytest.mark.parametrize(
    ("scope", "code"), [("prefix", "network"), ("link", "busy"), ("creator", "busy"), ("workspace", "busy")]
)
@on_each_engine
async def test_what_is_met_is_named_and_no_other_is_used_up(
    house: House, monkeypatch: pytest.MonkeyPatch, scope: str, code: str
) -> None:
    one = Limit(burst=1, every_microseconds=60 * SECOND)
    monkeypatch.setitem(rates.MESSAGES, scope, rates.Rate(rates.MESSAGES[scope].code, one))
    first, second = await guests(house, 2)
    await house.chats.say_as_guest(first, "hello", "c1", prefix=OFFICE)
    async with house.db.read() as tables:
        before = dict((await tables.session.execute(sa.select(RateLimit.key, RateLimit.rests_at))).all())
    with pytest.raises(Refused) as refusal:
        await house.chats.say_as_guest(second, "hello", "c1", prefix=OFFICE)
    assert refusal.value.code == code and 0 < (refusal.value.retry_after or 0) <= 60
    async with house.db.read() as tables:
        after = dict((await tables.session.execute(sa.select(RateLimit.key, RateLimit.rests_at))).all())
    assert after == before


def test_the_document_has_every_rate_as_it_is() -> None:
    text = (Path(__file__).parents[2] / "docs/operations.md").read_text()
    rows = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("| a ")}
    for scope, name in [("link", "a link"), ("creator", "a creator"), ("workspace", "a workspace")]:
        messages, starts = rates.MESSAGES[scope].limit, rates.STARTS[scope].limit
        assert f"{messages.burst} messages and {starts.burst} starts a minute" in rows[name]
        assert messages.window == starts.window == rates.MINUTE
    [network] = [row for name, row in rows.items() if name.startswith("a network")]
    assert f"{rates.STARTS['prefix'].limit.burst} starts an hour" in network
    assert f"{rates.MESSAGES['prefix'].limit.burst} messages a minute" in network
    assert f"{rates.MESSAGES['session:minute'].limit.burst} a minute" in rows["a guest"]
    assert f"at most {conduct.MOST_LINKS} web addresses" in rows["a message"]
    assert f"from {crowds.OF_LINK.burst} starts a minute" in rows["a crowd"]
    assert f"or {crowds.OF_ALL.burst} on all" in rows["a crowd"]
    assert crowds.OF_LINK.window == crowds.OF_ALL.window == work.WITHOUT.window == rates.MINUTE
    assert f"without JavaScript {work.WITHOUT.burst} may start a minute" in rows["a crowd"]
    assert f"until {crowds.STAYS // rates.MINUTE} minutes after" in rows["a crowd"]


@on_each_engine
async def test_an_office_of_more_than_ten_starts_on_a_link_for_as_many(house: House) -> None:
    created = await house.links.create(OWNER, Draft("Survey", max_sessions=25))
    token, office = created.url.rpartition("/")[2], Caller(ip=OFFICE)
    for _ in range(25):
        assert await house.links.start(token, secrets.token_urlsafe(16), "Visitor", True, caller=office)
    other = await house.links.create(OWNER, Draft("Other", max_sessions=5))
    with pytest.raises(Refused, match="10 new chats an hour"):
        await house.links.start(other.url.rpartition("/")[2], "k" * 22, "Visitor", True, caller=office)


@on_each_engine
async def test_starts_are_counted_by_network_and_one_that_is_refused_leaves_its_place(house: House) -> None:
    made = [await house.links.create(OWNER, Draft(title, max_sessions=5)) for title in ("One", "Two", "Three")]
    one, two, token = [each.url.rpartition("/")[2] for each in made]
    most = rates.STARTS["prefix"].limit.burst
    for first in [one, two] * (most // 2):
        assert await house.links.start(first, secrets.token_urlsafe(16), "Visitor", True, caller=Caller(ip=OFFICE))
    with pytest.raises(Refused) as refusal:
        await house.links.start(token, secrets.token_urlsafe(16), "Visitor", True, caller=Caller(ip=OFFICE))
    assert refusal.value.code == "starts"
    assert (await house.links.own(OWNER, made[2].link.id)).used_sessions == 0
    assert await house.links.start(
        token, secrets.token_urlsafe(16), "Visitor", True, caller=Caller(ip="203.0.113.9/32")
    )


@on_each_engine
async def test_who_has_many_small_networks_of_ipv6_has_no_bucket_for_each(house: House) -> None:
    """One customer may have 65,536 of them; ten starts from each would be no limit at all."""
    passed, limit = 0, Limit(burst=1, every_microseconds=rates.HOUR)
    key, networks = secrets.token_bytes(32), [f"2001:db8:7:{number:x}::/64" for number in range(20)]
    async with house.db.begin() as tables:
        for network in [*networks, "2001:db8:8::/64", "198.51.100.7/32"]:
            try:
                await rates.pace(
                    tables,
                    key,
                    "start",
                    {"prefix": rates.Rate("starts", limit)},
                    rates.Whose("", "", "", prefix=network),
                )
                passed += 1
            except Refused as refusal:
                assert refusal.code == "starts" and refusal.retry_after
    assert passed == WIDE + 2


@on_each_engine
async def test_guesses_at_a_passcode_are_counted_by_the_wider_network_too(house: House) -> None:
    taken = 0
    for number in range(60):
        try:
            async with house.db.begin() as tables:
                await guessing.charge(tables, b"k" * 32, "link", f"2001:db8:7:{number // 5:x}::/64")
            taken += 1
        except Refused as refusal:
            assert refusal.code == "passcode"
    assert taken == WIDE * guessing.FROM_ONE.burst
