"""What came with a member's message is fetched once, kept with the conversation, and bounded there."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services.chats.members import sent_files
from bot.services.chats.members.sent_files import NotFetched
from bot.services.chats.members.surroundings import Before, said_before
from playground.gemini import Break, Reply, text
from storage.database import Database
from storage.schema import now
from storage.tables import MemberFile
from tests.services.house import OWNER, PLACE, House, kill, open_house
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted, gemini

__all__ = ["gemini"]


class Desk:
    """Where files lie; each is what its name says."""

    def __init__(self) -> None:
        self.fetched: list[str] = []
        self.away = False

    async def content(self, workspace: str, file: Mapping[str, Any], most: int) -> bytes:
        self.fetched.append(file["name"])
        if self.away:
            raise NotFetched("away")
        return f"what is in {file['name']}".encode()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def house(db: Database, gemini: Scripted, desk: Desk) -> AsyncIterator[House]:
    async with open_house(db, gemini.model, fetch=desk) as house:
        yield house


async def sent(house: House, *names: str, source: str = "slack:1") -> None:
    files = [{"id": name, "name": name, "size": 9} for name in names]
    await house.chats.say(OWNER, PLACE, "look", source=source, files=files)


@on_each_engine
async def test_a_turn_that_is_run_again_after_a_kill_has_its_files_and_fetches_none(
    house: House, gemini: Scripted, desk: Desk
) -> None:
    gemini.script(Reply([[text("I am reading")], Break.HOLD]))
    async with house.worker():
        await sent(house, "a.txt")
        async with asyncio.timeout(60):
            while not gemini.asked:
                await asyncio.sleep(0.01)
        desk.away = True
        await kill(house)
        gemini.will_say("I have read it.")
        async with house.worker("two"):
            assert (await house.face.after()).text.endswith("I have read it.")
    assert desk.fetched == ["a.txt"] and len(gemini.asked) == 2
    for each in gemini.asked:
        assert "inlineData" in str(each.body["contents"][-1]) or "inline_data" in str(each.body["contents"][-1])


@on_each_engine
async def test_a_conversation_keeps_the_newest_and_the_model_knows_of_the_others(
    house: House, gemini: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_files, "MOST_KEPT", len(b"what is in b.txt"))
    async with house.worker():
        for number, name in enumerate(("a.txt", "b.txt"), 1):
            gemini.will_say("Read.")
            await sent(house, name, source=f"slack:{number}")
            await house.face.after(number)
    told = str(gemini.asked[-1].body["contents"])
    assert "“a.txt”. It is not shown any more" in told and "“b.txt”. What is in it" in told


async def test_more_files_than_are_looked_at_are_declined_one_by_one(
    house: House, gemini: Scripted, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_files, "AT_ONCE", 2)
    monkeypatch.setattr(sent_files, "MEMBERS_SHOWN", sent_files.MEMBERS_SHOWN.__class__(tokens=8, bytes=1_000))
    gemini.will_say("Read.")
    async with house.worker():
        await sent(house, "a.txt", "b.txt", "c.txt")
        [notice] = (await house.face.after()).bodies("notice")
    assert "“b.txt”: the files before it are as much" in notice["text"]
    assert "“c.txt”: I look at 2 files of a message" in notice["text"] and desk.fetched == ["a.txt", "b.txt"]


@on_each_engine
async def test_a_question_that_is_asked_anew_in_another_conversation_takes_its_files_along(
    house: House, gemini: Scripted, desk: Desk
) -> None:
    async with house.worker():
        desk.away = True
        await sent(house, "a.txt")
        await house.face.after()  # the script is empty: it fails
        desk.away = False
        gemini.will_say("Read.")
        await house.chats.once_more.start_over(OWNER, (await house.turns())[0].id)
        assert (await house.face.after(2)).text == "Read."
    assert desk.fetched == ["a.txt", "a.txt"]


class Thread:
    """In which a tool has put one file and somebody another."""

    async def before(self, *_: object) -> Before:
        return Before("above", ({"id": "F1", "name": "chart.png"}, {"id": "F2", "name": "b.txt"}))


@on_each_engine
async def test_what_a_tool_has_put_into_the_thread_is_not_read_again(house: House, gemini: Scripted) -> None:
    place = replace(PLACE, channel="C1", private=False)
    gemini.will_say("There it is.")
    async with house.worker():
        await house.say("a chart", "slack:C1:1.0", place)
        await house.face.after()
    [first] = await house.turns()
    assert await house.chats.shown(first, files={"call": {"digest": "", "ids": ["F1"]}})
    await house.say("and this file?", "slack:C1:2.0", place)
    second = (await house.turns())[-1]
    async with house.db.read() as tables:
        conversation = await tables.conversations.get(second.workspace_id, second.conversation_id)
    assert conversation
    before = await said_before(house.db, Thread(), second, conversation)
    assert [each["id"] for each in before.files] == ["F2"]


@pytest.mark.parametrize("how", ["conversation", "age"])
@on_each_engine
async def test_a_forgotten_conversation_and_the_age_of_a_file_leave_nothing_of_it(
    house: House, gemini: Scripted, how: str
) -> None:
    gemini.will_say("Read.")
    async with house.worker():
        await sent(house, "a.txt")
        await house.face.after()
        await house.told()
    [turn] = await house.turns()
    async with house.db.begin() as tables:
        assert len(list(await tables.session.scalars(sa.select(MemberFile.id)))) == 1
        if how == "conversation":
            assert await tables.forgetting.conversation(turn.workspace_id, turn.conversation_id)
        else:
            assert await tables.member_files.purge(now() - sent_files.KEPT) == 0
            assert await tables.member_files.purge(now() + timedelta(seconds=1)) == 1
        assert list(await tables.session.scalars(sa.select(MemberFile.id))) == []
