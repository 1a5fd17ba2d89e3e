"""What a link leans on goes: the link goes on without, and who made it is told."""

import pytest

from bot.services.links import Draft
from storage.tables import Job, Link
from tests.services.house import OWNER, House
from tests.services.workshop import Workshop


async def with_tools(house: House, count: int) -> Link:
    offered = [(each.connection_id, each.name) for each in await house.links.candidates(OWNER)]
    assert len(offered) >= count
    return (await house.links.create(OWNER, Draft("Orders", tools=tuple(offered[:count])))).link


async def notes(house: House) -> list[Job]:
    async with house.db.read() as tables:
        return [job for job in await tables.jobs.all("T1") if job.kind == "host_note"]


async def test_a_connection_that_goes_is_told_for_each_link_that_had_tools_of_it(
    house: House, workshop: Workshop
) -> None:
    made = await house.connect(workshop.url)
    link = await with_tools(house, 1)
    await house.links.create(OWNER, Draft("Without"))
    await house.connections.disconnect(OWNER, made.connection.id)
    told = await notes(house)
    assert [(each.payload["what"], each.payload["title"], each.payload["names"]) for each in told] == [
        ("no_tools_left", "Orders", "Shop")
    ]
    assert [each.id for each in await house.links.of(OWNER) if each.id == link.id]
    async with house.db.read() as tables:
        entries = await tables.audit.of("T1")
    assert "link.tools_lost" in {each.action for each in entries if each.subject == link.id}


@pytest.mark.parametrize("count", [1, 2])
async def test_a_tool_that_is_switched_off_is_told_and_what_is_left(
    house: House, workshop: Workshop, count: int
) -> None:
    await house.connect(workshop.url)
    if count > 1:
        await house.connect(workshop.url, "Second shop")
    link = await with_tools(house, count)
    await house.connections.choices.set_policy(OWNER, link.tools[0]["connection_id"], link.tools[0]["name"], "off")
    assert [each.payload["what"] for each in await notes(house)] == ["no_tools_left" if count == 1 else "tools_lost"]
    await house.connections.choices.set_policy(OWNER, link.tools[0]["connection_id"], link.tools[0]["name"], "ask")
    assert len(await notes(house)) == 1
