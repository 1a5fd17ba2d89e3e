"""A crowd at a link: its creator hears of it, the rest of the house goes on, and its end is noted by itself."""

import asyncio

import pytest
import sqlalchemy as sa

from bot.services.links import Draft
from bot.services.links.admission import crowds
from bot.services.links.admission.proofs import WorkAsked
from storage.members import Member
from storage.repositories.work.rates import Limit
from storage.tables import AuditEntry, RateLimit
from tests.support.slack import DM, OWNER, TEAM, Usher, said


async def actions(usher: Usher) -> list[str]:
    async with usher.services.db.read() as tables:
        query = sa.select(AuditEntry.action).where(AuditEntry.action.like("link.work%")).order_by(AuditEntry.number)
        return list(await tables.session.scalars(query))


async def test_a_crowd_is_told_to_the_links_creator_and_its_end_is_noted(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowds, "OF_LINK", Limit(1, 3_600_000_000))
    links = usher.services.links
    token = (await links.create(Member(TEAM, OWNER), Draft("Open day", max_sessions=9))).url.rpartition("/")[2]
    assert all([await links.start(token, f"{number:022}", "Robin", True) for number in range(2)])
    with pytest.raises(WorkAsked):
        await links.start(token, "k" * 22, "Robin", True)
    await usher.slack.when(lambda: any("started unusually fast" in said(each) for each in usher.slack.messages(DM)))
    await usher.due(crowds.JOB, sa.delete(RateLimit))  # ten minutes later
    async with asyncio.timeout(60):
        while await actions(usher) != ["link.work_on", "link.work_off"]:
            await asyncio.sleep(0.05)
    assert await links.start(token, "k" * 22, "Robin", True)
