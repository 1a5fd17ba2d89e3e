"""A sign-in is taken once, and one process renews a grant, on both databases."""

import asyncio
from datetime import timedelta

from storage.database import Database
from storage.schema import new_id, now
from storage.tables import OAuthFlow
from tests.storage import rows


async def begun(db: Database, state: bytes = b"s" * 32) -> None:
    async with db.begin() as tables:
        await tables.workspaces.ensure("T1")
        await tables.oauth.begin(
            OAuthFlow(
                workspace_id="T1",
                member_id="U1",
                state_hash=state,
                browser_hash=b"b" * 32,
                key_id="k",
                wrapped_key=b"w",
                nonce=b"n",
                ciphertext=b"c",
                expires_at=now() + timedelta(minutes=15),
            )
        )


async def taken(db: Database, state: bytes = b"s" * 32, browser: bytes = b"b" * 32) -> OAuthFlow | None:
    async with db.begin() as tables:
        return await tables.oauth.take(state, browser)


async def test_of_many_who_take_a_sign_in_at_once_one_gets_it(db: Database) -> None:
    await begun(db)
    found = await asyncio.gather(*(taken(db) for _ in range(6)))
    assert sum(each is not None for each in found) == 1
    assert await taken(db) is None


async def test_another_browser_takes_nothing_and_spoils_nothing(db: Database) -> None:
    await begun(db)
    assert await taken(db, browser=b"x" * 32) is None
    assert await taken(db, state=b"x" * 32) is None
    flow = await taken(db)
    assert flow is not None and flow.ciphertext == b"c"


async def test_flows_that_are_over_are_forgotten(db: Database) -> None:
    await begun(db)
    async with db.begin() as tables:
        assert await tables.oauth.purge(now()) == 0
        assert await tables.oauth.purge(now() + timedelta(minutes=16)) == 1


async def test_of_many_processes_one_holds_the_lease_until_it_gives_it_back_or_dies(db: Database) -> None:
    connection = await rows.workspace(db) and new_id()
    moment, until = now(), now() + timedelta(seconds=30)

    async def lease(holder: str, at=moment) -> bool:
        async with db.begin() as tables:
            return await tables.oauth.take_lease("T1", connection, holder, at, until=until)

    holders = [new_id() for _ in range(6)]
    held = await asyncio.gather(*(lease(each) for each in holders))
    assert held.count(True) == 1
    first, second = holders[held.index(True)], holders[held.index(False)]
    async with db.begin() as tables:
        assert not await tables.oauth.give_back_lease("T1", connection, second)
    assert not await lease(second)
    assert await lease(second, at=until + timedelta(seconds=1))  # whoever held it has died
    async with db.begin() as tables:
        assert await tables.oauth.give_back_lease("T1", connection, second)
    assert await lease(first)
