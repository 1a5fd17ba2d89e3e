"""Guest, host, model and clock in every order: no word is lost or doubled, none of the agent's follows the host's."""

import asyncio
import os
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from bot.errors import UserError
from bot.services.limits import limits
from bot.services.links import Draft, Guest
from bot.services.links.hosting import hosting
from bot.services.links.hosting.rewording import Rewritten
from playground.gemini import Break, Reply, text
from storage.tables import Event
from tests.services.house import OWNER, House
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

pytestmark = on_each_engine

HOW_MANY = int(os.environ.get("INTERLEAVINGS", "20"))
AT_ONCE, STEPS = 20, 7


@dataclass
class Chat:
    """One guest's, with what was taken in of each side, in order."""

    house: House
    guest: Guest
    seed: int
    by_guest: list[str] = field(default_factory=list)
    by_host: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    async def play(self) -> None:
        dice = random.Random(self.seed)  # noqa: S311
        acts = [self.guest_says, self.guest_says, self.host_says, self.host_says, self.take_over, self.hand_back]
        acts += [self.whisper, self.stop, self.ask, self.nobody_came, self.edit, self.take_back]
        for number in range(STEPS):
            with suppress(UserError):
                await dice.choice(acts)(f"{self.seed}-{number}")
            await asyncio.sleep(dice.choice((0, 0, 0.002, 0.01, 0.03)))

    async def guest_says(self, name: str) -> None:
        async with self.house.db.begin() as tables:
            await tables.rates.purge(1 << 62)
            session = await tables.sessions.get("T1", self.guest.session.id)
        assert session
        if random.Random(name).random() < 0.3:  # noqa: S311
            session = self.guest.session  # a page that has not heard yet who answers
        await self.house.chats.say_as_guest(Guest(self.guest.link, session), f"guest {name}", f"client-{name}")
        self.by_guest.append(f"guest {name}")

    async def host_says(self, name: str) -> None:
        await self.house.hosting.say(OWNER, self.guest.session.id, f"host {name}", f"slack:{name}")
        self.by_host.append(f"host {name}")
        self.sources.append(name)

    async def take_over(self, name: str) -> None:
        await self.house.hosting.take_over(OWNER, self.guest.session.id)

    async def hand_back(self, name: str) -> None:
        await self.house.hosting.hand_back(OWNER, self.guest.session.id)

    async def whisper(self, name: str) -> None:
        await self.house.hosting.whisper(OWNER, self.guest.session.id, f"psst {name}", f"slack:w{name}")

    async def edit(self, name: str) -> None:
        await self._reword(name, f"edited {name}")

    async def take_back(self, name: str) -> None:
        await self._reword(name, "")

    async def _reword(self, name: str, words: str) -> None:
        """One of the host's messages, wherever it is by now."""
        there = [number for number, said in enumerate(self.by_host) if said]
        if there:
            number = random.Random(name).choice(there)  # noqa: S311
            source = f"slack:{self.sources[number]}"
            assert await self.house.hosting.reword(OWNER, self.guest, Rewritten(source, words))
            self.by_host[number] = words

    async def stop(self, name: str) -> None:
        await self.house.chats.stop("T1", self.guest.conversation_id)

    async def ask(self, name: str) -> None:
        await self.house.hosting.ask_for_person(self.guest)

    async def nobody_came(self, name: str) -> None:
        await self.house.hosting.give_up_waiting()


def stretches(log: list[Event]) -> Iterator[list[Event]]:
    """What stands in the log while a person answers."""
    since: list[Event] | None = None
    for event in log:
        if event.kind == "host" and event.body["state"] == "host":
            since = []
        elif event.kind == "host" and event.body["state"] == "agent" and since is not None:
            yield since
            since = None
        elif since is not None:
            since.append(event)
    yield since or []


@pytest.fixture
def never_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "PATIENCE", hosting.PATIENCE * 0)
    monkeypatch.setattr(limits, "SESSION_MESSAGES", 100)


async def test_in_whatever_order_they_speak(house: House, gemini: Scripted, never_patient: None) -> None:
    dice = random.Random(7)  # noqa: S311

    def answering(body: object, signature: object) -> Reply:
        held = [Break.HOLD] if dice.random() < 0.2 else []
        return Reply([[text("agent ")], [text("says ")], *held, [text("so")]])

    gemini.server.answering = answering
    async with house.worker():
        for first in range(0, HOW_MANY, AT_ONCE):
            await _play(house, range(first, min(first + AT_ONCE, HOW_MANY)))


async def _play(house: House, seeds: range) -> None:
    chats = [Chat(house, (await house.guest(title=f"Chat {seed}", **_roomy()))[0], seed) for seed in seeds]
    await asyncio.gather(*(chat.play() for chat in chats))
    for chat in chats:  # what the model holds on to is ended by a person
        with suppress(UserError):
            await house.hosting.take_over(OWNER, chat.guest.session.id)
    await _settled(house)
    for chat in chats:
        _check(chat, await house.links.log(chat.guest))
        await house.links.revoke(OWNER, chat.guest.link.id)


def _roomy() -> dict[str, int]:
    return {"tokens": limits.LINK_TOKENS, "messages": 30} if "tokens" in Draft.__dataclass_fields__ else {}


def _check(chat: Chat, log: list[Event]) -> None:
    said = [(each.body["author"], each.body["text"]) for each in log if each.kind == "message"]
    assert [words for author, words in said if author == "guest"] == chat.by_guest, chat.seed
    assert [words for author, words in said if author == "host" and words] == [w for w in chat.by_host if w], chat.seed
    for stretch in stretches(log):
        bots = [each.body for each in stretch if each.kind == "message" and each.body["author"] == "agent"]
        assert bots == [], (chat.seed, [(each.kind, each.body) for each in log])
    assert [each.seq for each in log] == list(range(1, len(log) + 1))


async def _settled(house: House) -> None:
    async with asyncio.timeout(60):
        while any(turn.status in ("queued", "running") for turn in await house.turns()):
            await asyncio.sleep(0.05)
