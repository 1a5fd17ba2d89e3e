import asyncio

from storage.database import Database
from storage.repositories.spending.budgets import Cap
from storage.tables import Link, Reservation, Session
from tests.storage import rows
from tests.storage.rows import HOUR, NOON, T1, U1, U2


async def start(db: Database, link: Link, press: str) -> Session | None:
    """As a guest's press on Start does it: a session and a place on the link, or neither."""
    try:
        async with db.begin() as tables:
            session = await tables.sessions.insert(rows.session(link, press))
            if not await tables.links.take_session(T1, link.id, NOON):
                raise LookupError
            return session
    except LookupError:
        return None


async def before(db: Database, link: Link) -> list[Session]:
    async with db.read() as tables:
        return await tables.sessions.of(T1, link.id)


async def stored(db: Database, link: Link) -> Link:
    async with db.read() as tables:
        found = await tables.links.get(T1, link.id)
    assert found
    return found


async def test_of_200_who_start_at_once_on_a_link_for_one_exactly_one_gets_in(db: Database) -> None:
    link = await rows.link(db)

    async def take() -> bool:
        async with db.begin() as tables:
            return await tables.links.take_session(T1, link.id, NOON)

    assert sum(await asyncio.gather(*(take() for _ in range(200)))) == 1
    assert (await stored(db, link)).used_sessions == 1


async def test_no_session_is_left_of_those_who_did_not_get_in(db: Database) -> None:
    link = await rows.link(db, max_sessions=2)
    started = await asyncio.gather(*(start(db, link, f"press {number}") for number in range(30)))
    assert len([each for each in started if each]) == 2
    assert len(await before(db, link)) == 2


async def test_the_same_press_again_finds_the_session_it_made(db: Database) -> None:
    link = await rows.link(db)
    async with db.begin() as tables:
        first = await tables.sessions.insert(rows.session(link, "press"))
    async with db.begin() as tables:
        again = await tables.sessions.insert(rows.session(link, "press", secret_hash=b"another"))
        found = await tables.sessions.by_secret(link.id, first.secret_hash)
    assert again.id == first.id
    assert found and found.id == first.id


async def test_a_secret_opens_its_own_link_only(db: Database) -> None:
    link, other = await rows.link(db), await rows.link(db, "other")
    async with db.begin() as tables:
        session = await tables.sessions.insert(rows.session(link))
        assert await tables.sessions.by_secret(other.id, session.secret_hash) is None
        assert await tables.sessions.get("T2", session.id) is None


async def test_an_expired_or_revoked_link_gives_out_nothing(db: Database) -> None:
    expired, revoked = await rows.link(db, "one"), await rows.link(db, "two")
    async with db.begin() as tables:
        assert await tables.links.revoke(T1, revoked.id, U1, NOON)
        assert not await tables.links.take_session(T1, expired.id, NOON + HOUR)
        assert not await tables.links.take_session(T1, revoked.id, NOON)


async def test_a_link_is_revoked_once(db: Database) -> None:
    link = await rows.link(db)

    async def revoke(by: str) -> Link | None:
        async with db.begin() as tables:
            return await tables.links.revoke(T1, link.id, by, NOON)

    done = [each for each in await asyncio.gather(*(revoke(by) for by in [U1, U2] * 5)) if each]
    assert len(done) == 1
    assert (await stored(db, link)).revoked_by == done[0].revoked_by


async def test_a_link_is_found_by_its_token_alone_and_by_nothing_of_another_workspace(db: Database) -> None:
    link = await rows.link(db)
    async with db.begin() as tables:
        found = await tables.links.by_token_hash(rows.hashed("token"))
        assert await tables.links.by_token_hash(rows.hashed("tokem")) is None
        assert await tables.links.get("T2", link.id) is None
        assert await tables.links.revoke("T2", link.id, U1, NOON) is None
    assert found and found.id == link.id


async def test_a_refund_never_goes_below_nothing(db: Database) -> None:
    link = await rows.link(db)
    async with db.begin() as tables:
        assert await tables.links.take_session(T1, link.id, NOON)
        assert await tables.links.give_back(T1, link.id)
        assert not await tables.links.give_back(T1, link.id)
    assert (await stored(db, link)).used_sessions == 0


async def test_tokens_are_set_aside_up_to_the_cap_however_many_ask(db: Database) -> None:
    link = await rows.link(db)

    async def reserve() -> bool:
        async with db.begin() as tables:
            return await tables.links.reserve(T1, link.id, 300, 7, Cap(link.id, 1_000, 30, NOON))

    assert sum(await asyncio.gather(*(reserve() for _ in range(20)))) == 3
    async with db.begin() as tables:
        its = Reservation(id="turn:1:1", workspace_id=T1, link_id=link.id, keys=[], tokens=300, money=7)
        assert await tables.links.settle(its, 50, 2)
    now = await stored(db, link)
    assert (now.tokens_reserved, now.tokens_spent) == (600, 50)
    assert (now.money_reserved, now.money_spent) == (14, 2)


async def test_only_live_links_are_listed_newest_first(db: Database) -> None:
    old = await rows.link(db, "one", created_at=NOON)
    new = await rows.link(db, "two", created_at=NOON + HOUR / 2)
    await rows.link(db, "three", expires_at=NOON)
    await rows.link(db, "four", creator_id=U2)
    async with db.read() as tables:
        assert [each.id for each in await tables.links.of(T1, U1, now=NOON)] == [new.id, old.id]
        assert len(await tables.links.of(T1, U1, now=NOON, live_only=False)) == 3
        assert await tables.links.live_count(T1, U1, NOON) == 2


async def test_dead_links_are_closed_by_one(db: Database) -> None:
    expired, revoked = await rows.link(db, "one"), await rows.link(db, "two", expires_at=NOON + 3 * HOUR)
    await rows.link(db, "three", expires_at=NOON + 3 * HOUR)
    async with db.begin() as tables:
        await tables.links.revoke(T1, revoked.id, U1, NOON)
        assert {each.id for each in await tables.links.due_to_close(NOON + HOUR)} == {expired.id, revoked.id}
        assert await tables.links.close(T1, expired.id, NOON)
        assert not await tables.links.close(T1, expired.id, NOON)
        assert [each.id for each in await tables.links.due_to_close(NOON + HOUR)] == [revoked.id]


async def test_a_session_ends_once_and_counts_no_message_afterwards(db: Database) -> None:
    link = await rows.link(db)
    async with db.begin() as tables:
        session = await tables.sessions.insert(rows.session(link))
        counted = [await tables.sessions.count_message(T1, session.id, NOON, most=2) for _ in range(3)]
        assert [each is not None for each in counted] == [True, True, False]
        assert not await tables.sessions.end_unused(T1, session.id, NOON)
        assert await tables.sessions.end(T1, session.id, "guest", NOON)
        assert not await tables.sessions.end(T1, session.id, "revoked", NOON)
        assert not await tables.sessions.count_message(T1, session.id, NOON, most=9)
        found = await tables.sessions.get(T1, session.id)
    assert found and (found.end_reason, found.ended_at, found.messages) == ("guest", NOON, 2)


async def test_idle_and_unused_sessions_are_told_apart(db: Database) -> None:
    link = await rows.link(db)
    async with db.begin() as tables:
        unused = await tables.sessions.insert(rows.session(link, "one"))
        idle = await tables.sessions.insert(rows.session(link, "two", messages=1))
        await tables.sessions.insert(rows.session(link, "three", messages=1, last_at=NOON + 2 * HOUR))
        ended = await tables.sessions.insert(rows.session(link, "four"))
        await tables.sessions.end(T1, ended.id, "guest", NOON)
        assert [each.id for each in await tables.sessions.restless(NOON + HOUR)] == [idle.id]
        assert [each.id for each in await tables.sessions.unused(NOON + HOUR)] == [unused.id]
        assert await tables.sessions.end_unused(T1, unused.id, NOON)
