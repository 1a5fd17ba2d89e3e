"""What an agent may do: the narrowest of connection, grant, administrators and tool policy, asked before each call."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import FormError, NotYours, UserError
from bot.services.agents.agents import Agents
from bot.services.agents.values import AgentForm
from bot.services.chats import Place
from bot.services.links import Draft
from mcp_runtime.tools.tools import ToolCall
from storage.repositories.mcp.standing import ForAgent
from storage.rules.access import Scope
from storage.schema import now
from storage.tables import Agent, AgentGrant, AuditEntry, Conversation
from tests.services.house import OTHER, OWNER, House
from tests.services.test_approvals import paused as asked_about_a_boat
from tests.services.test_connections import rows
from tests.services.workshop import Workshop
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

BUILD = ToolCall("1", "shop__build", {"thing": "a boat"})
ADMIN = OTHER
ANYBODY = ForAgent()


async def usual(house: House) -> Agent:
    (agent,) = [each for each in await Agents(house.db).of(OWNER.workspace) if each.is_default]
    return agent


async def refused(house: House) -> list[dict[str, Any]]:
    await house.pool._recording.over(60)
    return [each.detail for each in await rows(house, AuditEntry) if each.action == "call.refused"]


async def test_the_first_agent_of_a_workspace_may_do_all_that_its_members_may(house: House, workshop: Workshop) -> None:
    await house.connect(workshop.url)
    theirs, agents = await house.pool.toolset(OWNER), await house.pool.toolset(OWNER, agent=ANYBODY)
    assert agents.tools == theirs.tools and agents.states == theirs.states and agents.answering.name == "Usher"
    assert not (await agents.call(BUILD)).failed


@on_each_engine
async def test_a_workspace_that_an_older_version_made_gets_its_agent_with_its_first_turn(house: House) -> None:
    async with house.db.begin() as tables:
        await tables.workspaces.ensure(OWNER.workspace)
        await tables.session.execute(sa.delete(Agent))
    assert (await house.pool.toolset(OWNER, agent=ANYBODY)).answering.is_default
    with pytest.raises(LookupError):
        await house.pool.toolset(OWNER, agent=ForAgent("nobody"))


@on_each_engine
async def test_a_grant_that_is_revoked_between_two_calls_of_a_turn_refuses_the_second_in_words(
    house: House, workshop: Workshop
) -> None:
    made, agents, agent = (await house.connect(workshop.url)).connection, Agents(house.db), await usual(house)
    running = await house.pool.toolset(OWNER, agent=ANYBODY)
    assert not (await running.call(BUILD)).failed
    await agents.revoke_agent_mcp_access(OWNER, agent.id, made.id)
    await agents.revoke_agent_mcp_access(OWNER, agent.id, made.id)
    again = await running.call(BUILD)
    assert "You may not call shop__build" in again.error and workshop.built == ["a boat"]
    assert await refused(house) == [{"tool": "build", "server": "Shop", "by": "agent", "agent": agent.id}]
    later = await house.pool.toolset(OWNER, agent=ANYBODY)
    assert later.tools == [] and "was taken from you by its owner" in later.states[0]
    assert (await house.pool.toolset(OWNER)).tools, "the member in person calls it all the same"


async def test_a_yes_to_a_question_does_not_outlive_the_grant(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    async with house.worker():
        _, approval_id = await asked_about_a_boat(house, gemini, workshop)
        (view,) = await house.connections.of(OWNER)
        await Agents(house.db).revoke_agent_mcp_access(OWNER, (await usual(house)).id, view.connection.id)
        gemini.will_say("I may not.")
        await house.chats.decide(OWNER, approval_id, "approve")
        shown = await house.face.after(2)
    assert workshop.built == [] and shown.text == "I may not."
    assert "have taken the tool from you" in str(gemini.responses())
    assert [each["by"] for each in await refused(house)] == ["agent"]


@on_each_engine
async def test_scopes_narrow_what_is_offered_and_what_is_called(house: House, workshop: Workshop) -> None:
    made, agents, agent = (await house.connect(workshop.url)).connection, Agents(house.db), await usual(house)
    async with house.db.begin() as tables:
        await tables.tools.set_policy(OWNER.workspace, made.id, "look", "free")
    running = await house.pool.toolset(OWNER, agent=ANYBODY)

    async def offered(scope: Scope, **given: Any) -> set[str]:
        await agents.grant_agent_mcp_access(OWNER, agent.id, made.id, scope, **given)
        return {each.own_name for each in (await house.pool.toolset(OWNER, agent=ANYBODY)).tools}

    everything = {each.own_name for each in running.tools}
    assert await offered(Scope.READ_ONLY) == {"look"}
    assert (await running.call(BUILD)).refused == "agent"
    assert not (await running.call(ToolCall("2", "shop__look"))).failed
    assert await offered(Scope.CUSTOM, tools=["build", "comes_later"]) == {"build"}
    assert (await running.call(ToolCall("3", "shop__look"))).refused == "agent"
    assert await offered(Scope.FULL, expires_at=now() + timedelta(hours=1)) == everything
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(AgentGrant).values(expires_at=now() - timedelta(seconds=2)))
    assert (await running.call(BUILD)).refused == "agent", "what has ended falls back to nothing, and to no older right"
    told = await house.pool.toolset(OWNER, agent=ANYBODY)
    assert told.tools == [] and "until a time that is over" in told.states[0]


@on_each_engine
async def test_administrators_say_what_an_agent_may_at_most_and_no_grant_widens_it(
    house: House, workshop: Workshop
) -> None:
    made, agents = (await house.connect(workshop.url)).connection, Agents(house.db)
    ledger = await agents.make(ADMIN, AgentForm("Ledger", scope=Scope.READ_ONLY))
    asked = ForAgent(ledger.id)
    await agents.grant_agent_mcp_access(OWNER, ledger.id, made.id, Scope.FULL)
    limited = await house.pool.toolset(OWNER, agent=asked)
    assert "build" not in {each.own_name for each in limited.tools} and "You may only read" in limited.states[0]

    for form, told in (
        (AgentForm("Ledger", cards=("github",)), "is not for you"),
        (AgentForm("Ledger", asks_first=True), ""),
    ):
        await agents.change(ADMIN, ledger.id, form)
        assert told in (await house.pool.toolset(OWNER, agent=asked)).states[0]
    another = await agents.make(ADMIN, AgentForm("Clerk", asks_first=True))
    waiting = await house.pool.toolset(OWNER, agent=ForAgent(another.id))
    assert waiting.tools == [] and "is not granted to you" in waiting.states[0]


@on_each_engine
async def test_only_its_owner_grants_a_connection_and_only_what_makes_sense(house: House, workshop: Workshop) -> None:
    made, agents, agent = (await house.connect(workshop.url)).connection, Agents(house.db), await usual(house)
    with pytest.raises(NotYours):
        await agents.grant_agent_mcp_access(OTHER, agent.id, made.id, Scope.FULL)
    with pytest.raises(NotYours):
        await agents.revoke_agent_mcp_access(OTHER, agent.id, made.id)
    with pytest.raises(UserError, match="not there"):
        await agents.grant_agent_mcp_access(OWNER, "nobody", made.id, Scope.FULL)
    with pytest.raises(FormError, match="at least one tool"):
        await agents.grant_agent_mcp_access(OWNER, agent.id, made.id, Scope.CUSTOM)
    with pytest.raises(FormError, match="still to come"):
        await agents.grant_agent_mcp_access(OWNER, agent.id, made.id, Scope.FULL, expires_at=now())
    assert await rows(house, AgentGrant) == []
    servers = await agents.get_agent_mcp_servers(OWNER, agent.id)
    assert [each.connection.id for each in servers.reachable] == [made.id]
    assert (await agents.validate_agent_mcp_access("T2", agent.id, made.id)) is None


@on_each_engine
async def test_a_channel_fixed_to_an_agent_is_its_alone_and_an_archived_one_answers_no_more(
    house: House, gemini: Scripted
) -> None:
    agents, channel = Agents(house.db), Place("C1", "1.0", "T1", private=False)
    ledger = await agents.make(ADMIN, AgentForm("Ledger", instructions="Be terse.", used="channels", channels=("C1",)))
    async with house.worker():
        gemini.will_say("Balanced.")
        await house.say("how is it?", "slack:C1", channel)
        await house.face.after()
        system = str(gemini.asked[-1].body["systemInstruction"])
        assert "You are Ledger" in system and "Be terse." in system
        await agents.archive(ADMIN, ledger.id)
        await house.say("and now?", "slack:C2", channel)
        shown = await house.face.after(2)
    assert shown.states[-1] == "failed" and "Ledger has been archived" in shown.bodies("status")[-1]["text"]


@on_each_engine
async def test_names_are_unlike_the_default_stays_and_what_leans_on_an_agent_is_told(house: House) -> None:
    agents, first = Agents(house.db), AgentForm("Ledger", channels=("C1", "C2"))
    await house.say("hello")
    ledger, agent = await agents.make(ADMIN, first), await usual(house)
    with pytest.raises(FormError, match="called so"):
        await agents.make(ADMIN, AgentForm("  LEDGER "))
    with pytest.raises(FormError, match="this name"):
        await agents.make(ADMIN, AgentForm("a: b"))
    with pytest.raises(UserError, match="default"):
        await agents.archive(ADMIN, agent.id)
    async with house.db.begin() as tables:
        await tables.session.execute(sa.update(Conversation).values(agent_id=ledger.id))
    leaning = await agents.leans_on(ADMIN, ledger.id)
    assert (leaning.channels, leaning.links, leaning.conversations) == (("C1", "C2"), 0, 1)
    await agents.make_default(ADMIN, ledger.id)
    await agents.archive(ADMIN, agent.id)
    assert [each.name for each in await agents.of(OWNER.workspace)] == ["Ledger"]
    await agents.bring_back(ADMIN, agent.id)
    acts = [each.action for each in await rows(house, AuditEntry) if each.action.startswith("agent.")]
    assert acts == ["agent.made", "agent.made_default", "agent.archived", "agent.brought_back"]


@on_each_engine
async def test_a_link_keeps_its_agents_words_and_loses_what_its_agent_may_no_longer(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    made, agents = (await house.connect(workshop.url)).connection, Agents(house.db)
    form = AgentForm("Ledger", instructions="Count in euros.", scope=Scope.CUSTOM, tools=("build",))
    ledger = await agents.make(ADMIN, form)
    chosen = {"agent": {"id": ledger.id}}
    with pytest.raises(FormError, match="Ledger may not call Look"):
        await house.links.create(OWNER, Draft("Survey", tools=((made.id, "look"),), **chosen))
    guest, _ = await house.guest(tools=((made.id, "build"),), **chosen)
    await agents.change(ADMIN, ledger.id, AgentForm("Ledger", instructions="Count in pounds.", scope=Scope.READ_ONLY))
    async with house.worker():
        gemini.will_say("Hello.")
        await house.chats.say_as_guest(guest, "hi", "1")
        await house.face.after()
    system = str(gemini.asked[-1].body["systemInstruction"])
    assert "You are Ledger, an assistant" in system and "euros" in system and "pounds" not in system
    assert "shop__build" not in str(gemini.asked[-1].body.get("tools"))
    await agents.archive(ADMIN, ledger.id)
    assert (await agents.leans_on(ADMIN, ledger.id)).links == 1
    with pytest.raises(FormError, match="not there any more"):
        await house.links.create(OWNER, Draft("Survey", **chosen))


async def test_an_agent_that_has_used_up_its_month_says_so_while_the_others_answer(
    house: House, gemini: Scripted
) -> None:
    agents, place = Agents(house.db), Place("C1", "1.0", "T1", private=False)
    ledger = await agents.make(ADMIN, AgentForm("Ledger", channels=("C1",), money=1))
    assert await agents.limits(OWNER.workspace) == {ledger.id: 1}
    async with house.worker():
        await house.say("how is it?", "slack:C1", place)
        shown = await house.face.after()
        assert "This agent has used up what it may use in a month ($0.00)" in shown.bodies("status")[-1]["text"]
        gemini.will_say("Well.")
        await house.say("and you?", "slack:D1")
        assert (await house.face.after(2)).text == "Well."
