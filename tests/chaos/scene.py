"""A member asks for something that is looked at, asked about and built, with an Usher that dies on the way."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from playground.gemini import Reply, call, text
from playground.slack.server import LocalSlack
from run_cards import custom
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Approval, Event, Job, Turn
from tests.chaos.mortal import KINDS, Around, Copies
from tests.services.house import open_house
from tests.services.workshop import Workshop
from tests.support.gemini import Scripted
from tests.support.slack import DM, OWNER, TEAM, pressable, said

PATIENCE = 60.0
APPROVE, CUT_SHORT = "approval.approve", "I was interrupted while"
GIVEN_UP = "The answer was begun three times"
THING = re.compile(r"build (thing\d+)")
LEFT = ("done", "interrupted", "failed", "stopped")
AGAIN = 0.25
"""How often the next one dies too."""
GIVEN_UP_AFTER = 3
"""Deaths: whoever has taken a turn down with it so often is not begun once more, and its member is told."""


def words_of(thing: str) -> list[str]:
    """What the model says before and after, each word once."""
    return [f"{thing}-{word}" for word in ("look", "one", "two", "three", "end")]


def answering(body: dict[str, Any], signature: Callable[[], bytes]) -> Reply:
    """From what it is sent alone, as a model does: after a kill it says the same again."""
    asked = [place for place, each in enumerate(body["contents"]) if THING.search(str(each))]
    thing = THING.findall(str(body["contents"][asked[-1]]))[-1]
    look, *rest = words_of(thing)
    results = [part for each in body["contents"][asked[-1] :] for part in each["parts"] if "functionResponse" in part]
    if not results:
        return Reply(
            [[text(f"First {look}. ")], [call("workshop__look", {}, id=f"look-{thing}", signature=signature())]]
        )
    if len(results) == 1:
        return Reply([[call("workshop__build", {"thing": thing}, id=f"build-{thing}", signature=signature())]])
    return Reply([[text(f"{word}, ")] for word in rest])


@dataclass
class Stage:
    """Everything but Usher itself, which is a copy."""

    slack: LocalSlack
    gemini: Scripted
    workshop: Workshop
    db: Database
    url: str
    copies: Copies
    dice: random.Random
    lives: int = 0
    met: Counter[str] = field(default_factory=Counter)
    sizes: Counter[str] = field(default_factory=Counter)
    """How many points of each kind a turn has, counted in one that nobody cut off."""

    async def set(self) -> None:
        self.gemini.server.answering = answering
        async with self.db.begin() as tables:
            await tables.workspaces.ensure(TEAM)
        async with open_house(self.db, self.gemini.model) as house:
            made = await house.connections.begin(
                Member(TEAM, OWNER), custom.CARD, {"name": "Workshop", "url": self.workshop.url}
            )
            async with self.db.begin() as tables:
                assert await tables.tools.set_policy(TEAM, made.connection.id, "look", "free")
        await self.opened()

    async def opened(self) -> None:
        """A new one, which finds what a dead one held to be lapsed, as it would be a while later."""
        async with self.db.begin() as tables:
            for held in (Turn, Job):
                lapsed = sa.update(held).where(held.lease_until.is_not(None)).values(lease_until=now())
                await tables.session.execute(lapsed)
        s = self.slack
        self.copies.start(Around(self.url, s.api_url, s.bot_token, s.app_token, self.gemini.server.url))
        await self.slack.when(lambda: self.slack.online or self.copies.failed(), PATIENCE)
        assert not self.copies.failed(), self.copies.failed()
        self.lives += 1

    async def cut(self) -> str:
        """Somewhere in what comes now."""
        kind = self.dice.choice(KINDS)
        number = self.dice.randint(1, max(self.sizes[kind], 1))
        arming = asyncio.create_task(self.copies.arm(kind, number))
        gone = asyncio.create_task(self.slack.when(lambda: not self.slack.online, PATIENCE))
        await asyncio.wait({arming, gone}, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if not arming.done():  # it has died just now of what it was given before: the next one hears this
            await self.opened()
        await arming
        return f"{kind} {number} of {self.sizes[kind]}"


@dataclass
class Scene:
    stage: Stage
    thing: str
    thread: str = ""
    cuts: list[str] = field(default_factory=list)
    pressed: int = -1

    async def play(self, *, cut: bool = True) -> None:
        if cut:
            self.cuts.append(await self.stage.cut())
        self.thread = await self.stage.slack.person_says(OWNER, DM, f"build {self.thing}")
        async with asyncio.timeout(PATIENCE):
            while not await self.over():
                await self.act()
                await asyncio.sleep(0.005)
        await self.check()

    async def act(self) -> None:
        stage = self.stage
        if not stage.slack.online:
            await stage.opened()
            if stage.dice.random() < AGAIN:
                self.cuts.append(await stage.cut())
        for question in self.questions:
            if self.pressed != stage.lives:
                block = next(block for block, action in pressable(question) if action == APPROVE)
                there = {"type": "message", "channel": DM, "ts": question["ts"]}
                heard = await stage.slack.press(OWNER, {"container": there, "block_id": block, "action_id": APPROVE})
                self.pressed = stage.lives if heard["ok"] else self.pressed

    @property
    def shown(self) -> list[dict[str, Any]]:
        """By Usher, in this thread."""
        there = self.stage.slack.messages(DM, OWNER)
        return [each for each in there if each["by_app"] and each["thread_ts"] == self.thread]

    @property
    def questions(self) -> list[dict[str, Any]]:
        return [each for each in self.shown if APPROVE in said(each)]

    async def turns(self) -> list[Turn]:
        async with self.stage.db.read() as tables:
            first = await tables.turns.by_source(TEAM, f"slack:{DM}:{self.thread}")
            if first is None:
                return []
            of = sa.select(Turn).where(Turn.conversation_id == first.conversation_id).order_by(Turn.created_at)
            return list(await tables.session.scalars(of))

    async def over(self) -> bool:
        """Nothing more will come by itself."""
        turns = await self.turns()
        ended = bool(turns) and turns[-1].status in LEFT and all(each.told for each in turns)
        return ended and self.stage.slack.online and not self.questions

    async def check(self) -> None:
        turns, told = await self.turns(), [read(each) for each in self.shown]
        outcome, whole = turns[-1].status, "\n".join(told)
        about = (self.cuts, outcome, told)
        assert [each.status for each in turns[:-1]] in ([], ["paused"]), about
        assert outcome in ("done", "interrupted") or self._given_up(outcome, whole), about
        built = self.stage.workshop.built.count(self.thing)
        assert built <= 1 and (built or outcome != "done"), about
        assert whole.count(CUT_SHORT) == (outcome == "interrupted"), about
        counted = {word: whole.count(word) for word in words_of(self.thing)}
        assert set(counted.values()) <= ({1} if outcome == "done" else {0, 1}), (counted, about)
        assert whole.count("Approved by") <= 1, about
        assert not [each for each in self.shown if each["streaming"] or each["broken"]], about
        assert all(each["parts"] or each["blocks"] or each["text"] for each in self.shown), about
        await self._check_stored(turns)
        self.stage.met[outcome] += 1

    def _given_up(self, outcome: str, whole: str) -> bool:
        return outcome == "failed" and len(self.cuts) >= GIVEN_UP_AFTER and whole.count(GIVEN_UP) == 1

    async def _check_stored(self, turns: list[Turn]) -> None:
        async with self.stage.db.read() as tables:
            log = await tables.events.after(TEAM, turns[0].conversation_id, 0)
            asked = sa.select(sa.func.count()).select_from(Approval).where(Approval.state == "asked")
            assert await tables.session.scalar(asked) == 0, self.cuts
        assert [each.seq for each in log] == list(range(1, len(log) + 1)), self.cuts
        ends = [each for each in log if _ends(each)]
        assert len(ends) == 1, (self.cuts, [(each.kind, each.body) for each in log])
        assert not any(each.doing for each in turns), self.cuts


def read(message: dict[str, Any]) -> str:
    """What stands there; the text of a stream, and what is read instead of blocks, would be there twice."""
    return said({**message, "text": ""} if message["parts"] or message["blocks"] else message)


def _ends(event: Event) -> bool:
    return event.kind == "status" and event.body["state"] in LEFT
