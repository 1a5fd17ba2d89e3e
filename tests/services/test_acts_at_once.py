"""What administrators and owners take away acts at once on what is under way, says why, and leaves nothing hanging."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import pytest

from bot.errors import UserError
from bot.services.agents.agents import Agents
from bot.services.agents.values import AgentForm
from bot.services.chats import Place
from bot.services.limits.budgets.budgets import Budgets
from bot.services.limits.policies import TOLD, LinkRules, Policies
from bot.services.links import Draft
from bot.services.tickets import Entry
from run_cards import custom
from storage.database import Database
from storage.tables import Agent, Connection, Job
from tests.services.house import OTHER, OWNER, House, Shown, allow
from tests.services.test_connections import rows
from tests.services.workshop import Workshop
from tests.support.gemini import Scripted

ADMIN = OTHER
CHANNEL = Place("C1", "1.0", "T1", private=False)
BUILD = ("shop__build", {"thing": "a boat"})


@dataclass(frozen=True)
class There:
    house: House
    made: Connection
    agent: Agent
    """It answers in `CHANNEL`."""


async def forbid(there: There) -> None:
    await Policies(there.house.db, there.house.bus).forbid(ADMIN, "custom", "Custom")


async def revoke(there: There) -> None:
    await Agents(there.house.db).revoke_agent_mcp_access(OWNER, there.agent.id, there.made.id)


async def archive(there: There) -> None:
    await Agents(there.house.db).archive(ADMIN, there.agent.id)


async def end(there: There) -> None:
    await there.house.connections.disconnect(OWNER, there.made.id, by=ADMIN.id)


async def spend(there: There) -> None:
    await Budgets(there.house.db).limit(ADMIN, "workspace", 0)


ACTS: Mapping[str, Callable[[There], Awaitable[None]]] = {
    "card": forbid,
    "grant": revoke,
    "agent": archive,
    "connection": end,
    "budget": spend,
}


async def prepared(house: House, workshop: Workshop) -> There:
    agent = await Agents(house.db).make(ADMIN, AgentForm("Ledger", channels=("C1",)))
    connected = await house.connect(workshop.url)
    for tool in ("build", "look"):
        await allow(house, connected, tool, "free")
    return There(house, connected.connection, agent)


SAID = {
    "card": "Administrators do not let shop__build be used any more. The call was not made",
    "grant": "You may not call shop__build: administrators or its owner do not let you",
    "agent": "You have been archived by an administrator, so shop__build was not called",
    "connection": "There is no tool shop__build any more",
    "budget": "All of you together have used up what this workspace may use of me in a month",
}
AFTER_A_YES = {
    **SAID,
    "card": "Not run: since this was asked, administrators have forbidden its service here",
    "grant": "Not run: since this was asked, administrators or the owner of the connection have taken the tool",
    "agent": "Ledger has been archived by an administrator and answers no more",
    "connection": "Not run: Shop was disconnected.",
}


@pytest.fixture
def db(sqlite_db: Database) -> Database:
    """What is read before a call is held on both engines elsewhere."""
    return sqlite_db


def said(gemini: Scripted, shown: Shown) -> str:
    """To the model of its last calls, or to whoever asked of how the turn ended."""
    last = "functionResponse" in str(gemini.heard())
    return f"{gemini.responses() if last else ''} {shown.bodies('status')[-1]['text']}"


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("door", ["member", "guest"])
async def test_the_next_call_of_a_turn_that_runs_is_refused_in_words(
    house: House, gemini: Scripted, workshop: Workshop, door: str, act: str
) -> None:
    there = await prepared(house, workshop)
    workshop.held = True
    gemini.will_call(BUILD)
    gemini.will_call(BUILD)
    gemini.will_say("I could not go on.")
    async with house.worker():
        if door == "member":
            await house.say("build two", "slack:1", CHANNEL)
        else:
            guest, _ = await house.guest(tools=((there.made.id, "build"),), agent={"id": there.agent.id})
            await house.chats.say_as_guest(guest, "build two", "1")
        await workshop.building.wait()
        await ACTS[act](there)
        workshop.release()
        shown = await house.face.after()
    assert workshop.built == ["a boat"], "what was begun is done, and nothing after it"
    assert shown.states[-1] == ("failed" if act == "budget" else "done")
    assert (SAID[act] if (door, act) != ("guest", "budget") else "may be in a month") in said(gemini, shown)


@pytest.mark.parametrize("act", ACTS)
async def test_a_yes_to_a_question_does_not_outlive_what_allowed_it(
    house: House, gemini: Scripted, workshop: Workshop, act: str
) -> None:
    there = await prepared(house, workshop)
    async with house.db.begin() as tables:
        await tables.tools.set_policy("T1", there.made.id, "build", "ask")
    gemini.will_call(BUILD)
    gemini.will_say("I could not go on.")
    async with house.worker():
        await house.say("build one", "slack:1", CHANNEL)
        asked = (await house.face.after()).bodies("approval")[0]["id"]
        await ACTS[act](there)
        if act == "connection":  # the question closed with it
            with pytest.raises(UserError) as refusal:
                await house.chats.decide(OWNER, asked, "approve")
            told = str(refusal.value)
        else:
            await house.chats.decide(OWNER, asked, "approve")
            told = said(gemini, await house.face.after(2))
    assert AFTER_A_YES[act] in told
    # Of a budget it is the words that are not there: what its member allowed was done, and stands in the thread.
    assert workshop.built == (["a boat"] if act == "budget" else [])
    async with house.db.read() as tables:
        refused = [each.detail["by"] for each in await tables.audit.of("T1") if each.action == "call.refused"]
    assert refused == {"card": ["card"], "grant": ["agent"]}.get(act, [])


async def test_a_forbidden_card_is_told_to_the_model_and_to_whoever_made_links_with_it(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    there = await prepared(house, workshop)
    await house.guest(tools=((there.made.id, "build"),), title="Survey")
    await house.guest(title="Without any")
    await forbid(there)
    [told] = [each.payload["text"] for each in await rows(house, Job) if each.kind == TOLD]
    assert told.endswith("if they allow it. Chat links that offer its tools go on without them: “Survey”.")
    gemini.will_say("I have it no more.")
    async with house.worker():
        await house.say("build one", "slack:1", CHANNEL)
        await house.face.after()
    assert "Shop is not there: administrators of this workspace have forbidden its service" in str(gemini.heard())


async def test_whom_link_making_is_taken_from_makes_none_of_what_they_looked_at_and_keeps_what_lives(
    house: House,
) -> None:
    made = await house.links.create(OWNER, Draft("Lives"))
    prepared = await house.links.prepare(OWNER, Draft("Looked at"))
    await Policies(house.db, house.bus).set_links(ADMIN, LinkRules("admins"))
    with pytest.raises(UserError, match="Only administrators"):
        await house.links.create_prepared(OWNER, prepared.draft_id)
    assert [each.id for each in await house.links.of(OWNER)] == [made.link.id]


async def test_nothing_of_a_forbidden_card_is_made_signed_in_to_or_moved(house: House, workshop: Workshop) -> None:
    there = await prepared(house, workshop)
    await forbid(there)
    connections, values = house.connections, {"name": "Another", "url": workshop.url}
    view = {"id": "V1"}
    for attempt in (
        connections.begin(OWNER, custom.CARD, values),
        connections.begin_with_secrets(OWNER, custom.CARD, values, {"token": "t"}),
        connections.sign_in(OWNER, there.made.id, Entry.PAGE, view=view),
        connections.sign_in_with_secrets(OWNER, there.made.id, {"token": "t"}),
    ):
        with pytest.raises(UserError, match="not allowed here: your workspace's administrators do not let it be used"):
            await attempt
    assert [each.connection.id for each in await connections.of(OWNER)] == [there.made.id]
