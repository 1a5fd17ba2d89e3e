"""Signing in at a service, from the page that asks «is this you?» to the connection, and who is kept out."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from bot.services.connections.values import TicketNeeded
from run_cards import custom
from storage.tables import Connection, Job, OAuthFlow, Secret
from tests.support.oauth import Lab, agree, open_lab
from tests.web.caller import PAGE, Answer, Caller
from tests.web.sidecar import OWNER, House

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
