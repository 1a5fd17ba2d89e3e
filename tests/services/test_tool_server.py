"""Usher's own tools: links in plain words, for whoever asks, and never a URL for the model."""

from datetime import timedelta

import pytest

from bot.services.links import Draft
from bot.tool_server import OwnTools
from mcp_runtime.tools import toolsets
from mcp_runtime.tools.tools import ToolCall
from tests.services.house import OTHER, OWNER, PLACE, House
from tests.services.workshop import Workshop
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted


async def own(house: House, member=OWNER):
    return await house.chats._running._own_tools.toolset(member, PLACE)


async def test_making_and_revoking_ask_and_listing_does_not(house: House) -> None:
    tools = {tool.name: tool for tool in (await own(house)).tools}
    assert {name: tool.guarded for name, tool in tools.items()} == {
        "usher__create_temporary_chat_link": True,
        "usher__list_temporary_chat_links": False,
        "usher__revoke_temporary_chat_link": True,
        "usher__extend_temporary_chat_link": True,
        "usher__pause_temporary_chat_link": True,
        "usher__rotate_temporary_chat_link": True,
    }
    assert tools["usher__create_temporary_chat_link"].title == "Usher: Create chat link"


async def test_the_agent_makes_a_link_and_never_sees_its_url(house: House, gemini: Scripted) -> None:
    async with house.worker():
        gemini.will_call(
            (
                "usher__create_temporary_chat_link",
                {"title": "Survey", "expires_in_hours": 2, "max_sessions": 3, "questions_to_cover": ["Why?"]},
            )
        )
        await house.say("make a chat link for a survey")
        shown = await house.face.after()
        assert house.handed_over == []
        gemini.will_say("Made.")
        await house.chats.decide(OWNER, shown.bodies("approval")[0]["id"], "approve")
        await house.face.after(2)
    link = (await house.links.of(OWNER))[0]
    assert (link.title, link.max_sessions, link.covers) == ("Survey", 3, ["Why?"])
    assert len(house.handed_over) == 1 and "/temp-chat/tc_" in house.handed_over[0]
    assert "tc_" not in str([asked.body for asked in gemini.asked])


@on_each_engine
async def test_no_tool_of_a_member_can_stand_in_for_ushers_own(
    house: House, gemini: Scripted, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolsets, "exposed", lambda slug, tool, taken=(): "usher__list_temporary_chat_links")
    await house.connect(workshop.url)
    gemini.will_call(("usher__list_temporary_chat_links", {}))
    gemini.will_say("None.")
    async with house.worker():
        await house.say("which links do I have?")
        shown = await house.face.after()
    assert {body["server"] for body in shown.bodies("tool")} == {"Usher"}


async def test_each_member_sees_and_revokes_only_their_own(house: House) -> None:
    await house.links.create(OTHER, Draft("Theirs"))
    await house.links.create(OWNER, Draft("Mine"))
    mine = await own(house)
    listed = await mine.call(ToolCall("1", "usher__list_temporary_chat_links"))
    assert "Mine" in str(listed.output) and "Theirs" not in str(listed.output)
    refused = await mine.call(ToolCall("2", "usher__revoke_temporary_chat_link", {"title": "Theirs"}))
    assert refused.failed and "You have: Mine." in refused.error
    done = await mine.call(ToolCall("3", "usher__revoke_temporary_chat_link", {"title": "mine"}))
    assert not done.failed and await house.links.of(OWNER) == []


async def test_a_yes_to_one_link_never_ends_another_that_is_called_alike(house: House) -> None:
    asked_about = (await house.links.create(OWNER, Draft("Demo!"))).link
    await house.links.create(OWNER, Draft("Demo"))
    await house.links.revoke(OWNER, asked_about.id)

    refused = await (await own(house)).call(ToolCall("1", "usher__revoke_temporary_chat_link", {"title": "Demo!"}))

    assert refused.failed and [link.title for link in await house.links.of(OWNER)] == ["Demo"]


@pytest.mark.parametrize("name", ["Shop: Look", "look", "shop__look", "shop: LOOK"])
async def test_the_agent_names_tools_for_guests_as_it_knows_them(house: House, workshop: Workshop, name: str) -> None:
    await house.connect(workshop.url)
    given = {"tools": [name, "Look"], "max_tokens": 50_000, "keep_hours": 24, "summary": False}
    made = await tool(house, "create_temporary_chat_link", title="Survey", **given)
    assert not made.failed
    [link] = await house.links.of(OWNER)
    assert [(each["name"], each["free"]) for each in link.tools] == [("look", False)]
    assert (link.limits["tokens"], link.limits["summary"], link.keep_hours) == (50_000, False, 24)


async def test_a_name_that_several_tools_have_and_one_that_none_has_make_no_link(
    house: House, workshop: Workshop
) -> None:
    await house.connect(workshop.url)
    await house.connect(workshop.url, name="Yard")
    twice = await tool(house, "create_temporary_chat_link", title="Survey", tools=["look"])
    assert twice.failed and "2 tools are called look: Shop: Look; Yard: Look" in twice.error
    none = await tool(house, "create_temporary_chat_link", title="Survey", tools=["Shop: Lock"])
    assert none.failed and "Did you mean “Shop: Look”?" in none.error
    assert await house.links.of(OWNER) == []
    assert not (await tool(house, "create_temporary_chat_link", title="Survey", tools=["Yard: look"])).failed


async def test_what_a_link_may_not_be_is_told_in_words(house: House) -> None:
    mine = await own(house)
    wrong = await mine.call(
        ToolCall("1", "usher__create_temporary_chat_link", {"title": "Survey", "expires_in_hours": 800})
    )
    assert wrong.failed and "30 days" in wrong.error
    unknown = await mine.call(ToolCall("2", "usher__burn"))
    assert unknown.failed


@on_each_engine
async def test_once_warm_a_first_turn_finds_all_of_it_made(house: House) -> None:
    own_tools, pool = house.chats._running._own_tools, house.pool
    assert (own_tools._server, pool._sessions) == (None, None)
    await house.chats.warm()
    made, sessions = own_tools._server, pool._sessions
    assert made._tools and sessions is not None
    assert len((await own(house)).tools) == len(made._tools)
    assert (own_tools._server, pool._sessions) == (made, sessions)


async def test_a_link_that_nobody_could_be_shown_is_revoked(house: House) -> None:
    async def hand_over(member, place, created) -> None:
        raise ConnectionError("Slack is away, and this is for no model to read")

    mine = await OwnTools(house.links, hand_over).toolset(OWNER, PLACE)
    failed = await mine.call(ToolCall("1", "usher__create_temporary_chat_link", {"title": "Survey"}))
    assert failed.failed and "revoked" in failed.error and "for no model" not in failed.error
    assert await house.links.of(OWNER) == []


async def tool(house: House, name: str, member=OWNER, **given):
    return await (await own(house, member)).call(ToolCall("1", f"usher__{name}", given))


async def test_more_time_a_pause_and_their_end_are_given_in_words(house: House) -> None:
    made = (await house.links.create(OWNER, Draft("Survey", hours=1))).link
    told = await tool(house, "extend_temporary_chat_link", title="survey", hours=24)
    assert "ends on" in str(told.output)
    assert (await house.links.own(OWNER, made.id)).expires_at == made.expires_at + timedelta(hours=24)
    await tool(house, "pause_temporary_chat_link", title="Survey")
    assert "paused: nobody new can start" in str((await tool(house, "list_temporary_chat_links")).output)
    await tool(house, "pause_temporary_chat_link", title="Survey", paused=False)
    assert (await house.links.own(OWNER, made.id)).paused_at is None


@on_each_engine
async def test_the_list_tells_how_each_link_is_used(house: House) -> None:
    guest, _ = await house.guest(max_sessions=3)
    async with house.db.begin() as tables:
        await tables.links.update("T1", guest.link.id, tokens_spent=1_234)
    listed = str((await tool(house, "list_temporary_chat_links")).output)
    assert "1 of 3 guests so far, 1 of them chatting now, 1,234 of 250,000 tokens used" in listed


async def test_a_new_address_goes_past_the_model_to_its_maker(house: House) -> None:
    made = await house.links.create(OWNER, Draft("Survey"))
    told = await tool(house, "rotate_temporary_chat_link", title="Survey")
    assert "tc_" not in str(told.output) and "only its maker can see" in str(told.output)
    [shown] = house.handed_over
    assert "/temp-chat/tc_" in shown and made.url not in shown
    assert await house.links.look(made.url.rpartition("/")[2]) is None


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("revoke_temporary_chat_link", {}),
        ("extend_temporary_chat_link", {"hours": 1}),
        ("pause_temporary_chat_link", {}),
        ("rotate_temporary_chat_link", {}),
    ],
)
async def test_what_is_wrong_with_a_title_is_told_so_that_a_model_can_act(house: House, name: str, given: dict) -> None:
    refused = await tool(house, name, title="Survey", **given)
    assert refused.failed and "You have no link yet" in refused.error
    for _ in range(2):
        await house.links.create(OWNER, Draft("Survey"))
    refused = await tool(house, name, title="Party", **given)
    assert refused.failed and "You have: Survey" in refused.error
    refused = await tool(house, name, title="Survey", **given)
    assert refused.failed and "2 of your links are called Survey" in refused.error and "/tempchat list" in refused.error
    refused = await tool(house, name, OTHER, title="Survey", **given)
    assert refused.failed and len(await house.links.of(OWNER)) == 2


async def test_more_time_than_any_link_may_have_is_refused_with_the_most(house: House) -> None:
    await house.links.create(OWNER, Draft("Survey"))
    refused = await tool(house, "extend_temporary_chat_link", title="Survey", hours=720)
    assert refused.failed and "at most 30 days from now" in refused.error
