"""/mcp and /tempchat, word by word: what is meant is done, what is near is offered, and nothing is done by guess."""

import pytest

from bot.services.links import Draft
from bot.slack.edge import command_words as words
from bot.slack.screens.talking import help as usage
from tests.support.slack import DM, GENERAL, MANIFEST, MEMBER, OWNER, Usher, pressable, said

ALSO = {
    "/mcp": {
        "connect": ["add", "NEW", "“new”"],
        "list": ["ls", "status"],
        "disconnect": ["rm", "«remove»", "delete!", "del"],
        "help": ["?", "--help", "-h", "!"],
    },
    "/tempchat": {"create": ["new", "Add"], "list": ["ls", "status"], "revoke": ["end", "stop", "close", "'rm'"]},
}
CARD = ["connect github", "add github", "github", "GitHub", "new «GitHub»", 'add my "github"!', "connect to GitHub."]


async def answer(usher: Usher, line: str, text: str, channel: str = DM) -> dict:
    await usher.slack.command(OWNER, channel, line)
    return await usher.message_with(text, channel)


async def test_a_bare_command_is_help(usher: Usher) -> None:
    shown = await answer(usher, "/mcp", "/mcp connect [card]", GENERAL)
    assert shown["ephemeral"]
    assert "time" in said(shown) and "custom" in said(shown)


@pytest.mark.parametrize("command", ALSO)
def test_other_words_for_a_verb_are_understood(command: str) -> None:
    known = words.MCP if command == "/mcp" else words.TEMPCHAT
    for verb, others in ALSO[command].items():
        assert {words.meant(words.split(typed)[0], known) for typed in others} == {verb}


@pytest.mark.parametrize("known", [words.MCP, words.TEMPCHAT])
def test_no_word_stands_for_two_things(known: words.Words) -> None:
    every = [word for verb, others in known.items() for word in (verb, *others)]
    assert len(every) == len(set(every))
    assert set(known) == set(usage.MCP if known is words.MCP else usage.TEMPCHAT)


@pytest.mark.parametrize("typed", ["lits", "lsit", "listt"])
async def test_a_near_word_is_offered_as_a_button_and_is_not_echoed(usher: Usher, typed: str) -> None:
    shown = await answer(usher, f"/mcp {typed}", "Did you mean `/mcp list`?")
    assert typed not in said(shown)
    await usher.press(shown, usage.RUN_MCP)
    assert await usher.message_with("Nothing is connected yet")


@pytest.mark.parametrize("typed", ["xyzzy", "ad", "deconnect", "what is this"])
async def test_a_far_word_gets_help_and_no_guess(usher: Usher, typed: str) -> None:
    shown = await answer(usher, f"/mcp {typed}", "I do not know that word")
    assert "Did you mean" not in said(shown) and "/mcp connect [card]" in said(shown)


@pytest.mark.parametrize("typed", CARD)
async def test_a_card_is_known_by_name_and_title_with_a_verb_or_without(usher: Usher, typed: str) -> None:
    await usher.slack.command(OWNER, DM, f"/mcp {typed}")
    assert await usher.modal_with("Fewer are found faster.")


async def test_a_cards_name_with_a_slip_is_offered(usher: Usher) -> None:
    for line in ("/mcp githup", "/mcp add git hup"):
        shown = await answer(usher, line, "Did you mean *GitHub*?")
        assert usher.modal() is None
    await usher.press(shown, "connect.pick")
    assert await usher.modal_with("Fewer are found faster.")


async def test_a_card_that_is_not_there_leads_to_those_that_are(usher: Usher) -> None:
    await usher.slack.command(OWNER, DM, "/mcp add jira")
    assert "Connect GitHub" in str(await usher.modal_with("no card of that name"))


async def test_a_connection_is_known_by_its_title_alone(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes, "My notes")
    shown = await answer(usher, "/mcp my NOTES", "*My notes*")
    assert "connection.menu" in {action for _, action in pressable(shown)}
    assert all(f'"value": "{verb}:' in said(shown) for verb in ("test", "tools", "edit", "disconnect"))


async def test_disconnecting_is_never_done_by_guess(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    shown = await answer(usher, "/mcp rm Nodes", "Did you mean “Notes”?")
    assert len(await usher.services.connections.of(usher.member)) == 1
    await usher.choose(shown, "disconnect")
    await usher.submit(await usher.modal_with("Disconnect *Notes*?"))
    assert await usher.modal_with("Notes is disconnected")
    assert await usher.services.connections.of(usher.member) == []


async def test_a_name_that_is_nothing_like_any_shows_what_there_is(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    for verb in ("rm", "test", "tools"):
        shown = await answer(usher, f"/mcp {verb} calendar", "You have: Notes.")
        assert "Did you mean" not in said(shown) and "connection.menu" in str(shown)


@pytest.mark.parametrize("line", ["/mcp tools", "/mcp test", "/mcp rm", "/mcp rm all", "/mcp ls"])
async def test_where_nothing_is_connected_a_button_connects(usher: Usher, line: str) -> None:
    shown = await answer(usher, line, "Nothing is connected yet")
    await usher.press(shown, "connection.connect")
    assert await usher.modal_with("Connect a tool")


@pytest.mark.parametrize("line", ["/tempchat revoke", "/tempchat end Survey", "/tempchat ls", "/tempchat stop all"])
async def test_where_there_is_no_link_a_button_makes_one(usher: Usher, line: str) -> None:
    shown = await answer(usher, line, "You have no links")
    await usher.press(shown, "link.create")
    assert await usher.modal_with("How many guests")


async def test_a_link_is_known_by_its_title_alone(usher: Usher) -> None:
    await usher.services.links.create(usher.member, Draft("Survey"))
    assert "Create a link" in said(await answer(usher, "/tempchat “survey”", "0 of 1 guest"))


async def test_a_link_with_a_slip_in_its_title_is_shown_with_its_button(usher: Usher) -> None:
    await usher.services.links.create(usher.member, Draft("Survey"))
    shown = await answer(usher, "/tempchat end the Suvrey", "Did you mean “Survey”?")
    assert len(await usher.services.links.of(usher.member)) == 1
    await usher.press(shown, "link.revoke")
    assert "for good" in said(await usher.message_with("is revoked"))


async def test_all_links_that_are_shown_can_be_revoked_at_once(usher: Usher) -> None:
    for title in ("One", "Two"):
        await usher.services.links.create(usher.member, Draft(title))
    shown = await answer(usher, "/tempchat revoke all", "*Two*")
    await usher.services.links.create(usher.member, Draft("Three"))
    await usher.press(shown, "link.revoke_all")
    await usher.message_with("are revoked")
    assert [link.title for link in await usher.services.links.of(usher.member)] == ["Three"]


async def test_a_title_is_taken_as_it_was_typed(usher: Usher) -> None:
    await usher.slack.command(OWNER, DM, "/tempchat new “For all of you, what now?”")
    assert "For all of you, what now?" in said(await usher.modal_with("How many guests"))


async def test_help_names_the_shortcuts_that_there_are(usher: Usher) -> None:
    names = {each["callback_id"]: each["name"] for each in MANIFEST["features"]["shortcuts"]}
    assert f"*{names['connect_tool']}*" in said(await answer(usher, "/mcp help", "shortcuts"))
    assert f"*{names['create_chat_link']}*" in said(await answer(usher, "/tempchat help", "among the shortcuts"))


async def test_a_token_after_a_command_is_refused_and_never_repeated(usher: Usher) -> None:
    token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    for line in (f"/mcp connect custom {token}", f"/tempchat create {token}", f"/mcp conect {token}"):
        shown = await answer(usher, line, "looks like a password or token", GENERAL)
        assert shown["ephemeral"] and token not in said(shown)
    assert usher.modal() is None
    assert token not in str(usher.slack.calls)


async def test_a_reply_is_seen_by_nobody_else(usher: Usher) -> None:
    await answer(usher, "/mcp list", "Nothing is connected yet", GENERAL)
    assert usher.slack.messages(GENERAL, MEMBER) == []
