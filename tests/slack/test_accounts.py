"""An account ends, or Usher is taken out of the workspace: what leans on it ends, and nothing of anybody else."""

import asyncio

from bot.services.links import Draft, Guest
from bot.services.tokens import access
from mcp_runtime.sessions.pool import TOPIC as SESSIONS
from storage.members import Member
from storage.tables import Connection
from tests.support.slack import MEMBER, PATIENCE, Usher


async def chatting(usher: Usher, member: Member) -> Guest:
    created = await usher.services.links.create(member, Draft("Support"))
    started = await usher.services.links.start(created.url.rsplit("/", 1)[1], "k" * 20, "Visitor", True)
    assert started
    guest = await usher.services.links.guest(started.link.id, started.secret)
    assert guest
    return guest


async def ended(usher: Usher, guest: Guest) -> str:
    """Why, once it is over."""
    with usher.services.bus.follow(f"conversation:{guest.conversation_id}") as bell:
        while not (log := await usher.services.links.log(guest)) or log[-1].kind != "end":
            assert await bell.wait(PATIENCE), "it goes on"
    return str(log[-1].body["reason"])


async def test_links_end_with_the_account_of_who_made_them(usher: Usher) -> None:
    theirs = await chatting(usher, Member(usher.member.workspace, MEMBER))
    mine = await chatting(usher, usher.member)
    await usher.slack.profile_changes(MEMBER)
    await usher.slack.account_ends(MEMBER)
    assert await ended(usher, theirs) == "revoked"
    assert await usher.services.links.of(Member(usher.member.workspace, MEMBER)) == []
    assert [each.id for each in await usher.services.links.of(usher.member)] == [mine.link.id]


async def test_connections_rest_with_the_account_of_their_member_and_can_be_resumed(usher: Usher) -> None:
    theirs = Connection(workspace_id=usher.member.workspace, member_id=MEMBER, card="custom", title="Notes", slug="n")
    theirs.spec = {}
    mine = Connection(
        workspace_id=usher.member.workspace, member_id=usher.member.id, card="custom", title="N", slug="n"
    )
    mine.spec = {}
    async with usher.services.db.begin() as tables:
        await tables.workspaces.ensure(usher.member.workspace)
        for each in (theirs, mine):
            await tables.connections.add(each)
    with usher.services.bus.follow(SESSIONS) as closing:
        await usher.slack.account_ends(MEMBER)
        assert await closing.wait(PATIENCE), "no other process would hear of it"
    async with usher.services.db.read() as tables:
        usable = await tables.connections.usable([theirs.id, mine.id])
        actions = [each.action for each in await tables.audit.of(usher.member.workspace)]
    assert set(usable) == {mine.id} and "connection.paused" in actions
    await usher.services.connections.resume(Member(usher.member.workspace, MEMBER), theirs.id)
    async with usher.services.db.read() as tables:
        assert theirs.id in await tables.connections.usable([theirs.id])


async def test_what_can_be_told_to_nobody_is_not_tried_for_a_day(usher: Usher) -> None:
    theirs = await chatting(usher, Member(usher.member.workspace, MEMBER))
    await usher.slack.account_ends(MEMBER)
    await ended(usher, theirs)

    async def waiting() -> list[str]:
        async with usher.services.db.read() as tables:
            jobs = await tables.jobs.all(usher.member.workspace)
        return [job.kind for job in jobs if job.kind.startswith("guest_") or job.kind == "mirror"]

    async with asyncio.timeout(60):
        while await waiting():
            with usher.services.bus.follow("jobs") as bell:
                await bell.wait(0.05)


async def test_all_links_and_tokens_end_when_usher_is_taken_out_of_the_workspace(usher: Usher) -> None:
    both = [await chatting(usher, usher.member), await chatting(usher, Member(usher.member.workspace, MEMBER))]
    async with usher.services.db.begin() as tables:
        token = (await access.make(tables, usher.member, access.Wanted("Editor", ("mcp",)))).token
    assert usher.services.tokens and await usher.services.tokens.caller(token)
    await usher.slack.app_is_removed()
    assert [await ended(usher, each) for each in both] == ["revoked", "revoked"]
    async with asyncio.timeout(PATIENCE):
        while await usher.services.tokens.caller(token):
            await asyncio.sleep(0.01)
    async with usher.services.db.read() as tables:
        entries = await tables.audit.of(usher.member.workspace)
    assert {each.actor for each in entries if each.action in ("link.revoked", "token.revoked")} == {"slack"}
