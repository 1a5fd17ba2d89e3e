"""Cards that administrators add for their workspace: tried, offered to whom they are for, changed, taken back."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import FormError, UserError
from bot.services.cards import CardView, Draft, Looked
from bot.services.cards.shelf import SHARED
from bot.services.cards.workspace_cards import MOST
from bot.slack.screens.cards import forms
from bot.slack.screens.cards import listing as screens
from mcp_runtime.states import State
from mcp_runtime.tools.tools import ToolCall
from playground.slack.block_kit.checking import check
from playground.slack.core.people import MEMBER
from run_cards.icons import ICONS
from storage.members import Member
from storage.repositories.mcp.added_cards import Leaning
from tests.mcp_runtime.servers import Notes, notes_server
from tests.storage.rows import added_card
from tests.support.oauth import agree, open_lab
from tests.support.slack import MEMBERS_DM, NOTES_TOKEN, OWNER, SECRETS, TEAM, Usher, said

COLLEAGUE = Member(TEAM, MEMBER)
QUESTIONS = "What is new?\nWho wrote the guide?"
SHOWN = {"title": "Wiki", "about": "Our pages.", "questions": QUESTIONS, "reads": "list_notes"}


@pytest.fixture
async def open_server() -> AsyncIterator[Notes]:
    async with notes_server(token=None) as server:
        yield server


def draft(url: str, **more: Any) -> Draft:
    return Draft(**{"title": "Wiki", "about": "Our pages.", "url": url, "signs_in": "none", **more})


async def opened(usher: Usher, person: str = OWNER) -> dict[str, Any]:
    await usher.press(await usher.tab("connections", person), screens.OPEN, person)
    return await usher.modal_with("Our pages.", person)


async def second_step(usher: Usher, url: str) -> dict[str, Any]:
    await usher.submit(await usher.modal_with("Address of its MCP server"), url=url)
    return await usher.modal_with("Step 2 of 2")


async def filled_in(usher: Usher, url: str, signs_in: str = "none", audience: tuple[str, ...] = (), **more: str) -> Any:
    form = await second_step(usher, url)
    if "Up to three" not in said(form):
        await usher.press(form, forms.MORE)
        form = await usher.modal_with("Up to three")
    values: dict[str, Any] = {name: {"value": value} for name, value in {**SHOWN, **more}.items()}
    chosen = "options" in next(block for block in form["blocks"] if block.get("block_id") == "reads")["element"]
    values |= {"reads": {"value": ["list_notes"]}} if chosen else {}
    values |= {"signs_in": {"value": signs_in}, "icon": {"value": "books"}, "audience": {"value": list(audience)}}
    return await usher.slack.submit_view(OWNER, form["id"], values)


async def test_an_admin_adds_a_card_and_everybody_finds_and_connects_it(usher: Usher, open_server: Notes) -> None:
    home = await usher.tab("connections")
    await usher.press(home, screens.OPEN)
    await usher.press(await usher.modal_with("There are none yet"), screens.ADD)
    await filled_in(usher, open_server.url)
    await usher.modal_with("Wiki is added")

    await usher.slack.command(MEMBER, MEMBERS_DM, "/mcp connect wiki")
    await usher.modal_with("Wiki is connected", MEMBER)
    [view] = await usher.services.connections.of(COLLEAGUE)
    assert {tool.name for tool in view.tools if tool.policy == "free"} == {"list_notes"}
    [added] = await usher.services.workspace_cards.of(TEAM)
    assert added.leaning == Leaning(members=1, connections=1)
    card = await usher.services.card_for(COLLEAGUE, added.card.id)
    assert card and card.to_try == ("What is new?", "Who wrote the guide?")
    async with usher.services.db.read() as tables:
        assert await tables.audit.verify(TEAM)


async def adding(usher: Usher) -> None:
    await usher.press(await usher.tab("connections"), screens.OPEN)
    await usher.press(await usher.modal_with("There are none yet"), screens.ADD)


def asked(form: dict[str, Any]) -> dict[str, Any]:
    """Its questions by block id."""
    return {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}


async def test_a_server_that_does_not_answer_is_told_in_the_form_and_nothing_is_saved(usher: Usher) -> None:
    await adding(usher)
    await usher.submit(await usher.modal_with("Step 1 of 2"), url="http://127.0.0.1:9/mcp")
    shown = await usher.slack.when(lambda: (m := usher.modal()) and "alert" in json.dumps(m) and m)
    assert asked(shown)["url"]["initial_value"] == "http://127.0.0.1:9/mcp"
    assert await usher.services.workspace_cards.of(TEAM) == []


async def test_no_more_is_asked_than_its_server_leaves_open(usher: Usher, open_server: Notes, notes: str) -> None:
    await adding(usher)
    form = await second_step(usher, open_server.url)
    assert [each["value"] for each in asked(form)["signs_in"]["options"]] == ["none", "token", "shared"]
    tools = asked(form)["reads"]["options"]
    assert {"list_notes"} < {each["value"] for each in tools} and len(tools) == 3
    assert "header" not in asked(form) and asked(form)["title"]["initial_value"] == "notes"

    await usher.slack.close_view(OWNER, form["id"], everything=True)
    await adding(usher)
    form = await second_step(usher, notes)
    assert "asks members to sign in" in said(form)
    assert [each["value"] for each in asked(form)["signs_in"]["options"]] == ["token", "shared"]
    assert asked(form)["reads"]["type"] == "plain_text_input"


async def test_members_sign_in_to_a_card_of_their_workspace_at_the_service(usher: Usher) -> None:
    async with open_lab() as lab:
        await adding(usher)
        form = await second_step(usher, lab.url)
        assert [each["value"] for each in asked(form)["signs_in"]["options"]] == ["oauth", "token", "shared"]
        # What a card does without need not be opened.
        await usher.submit(form, title="Wiki", about="Our pages.", reads="look", signs_in="oauth")
        await usher.modal_with("Wiki is added")

        await usher.slack.command(MEMBER, MEMBERS_DM, "/mcp connect wiki")
        step = await usher.modal_with("Last step: sign in to Wiki at", MEMBER)
        assert "Use a token instead" not in said(step)
        url = next(each["url"] for block in step["blocks"] for each in block.get("elements", []) if "url" in each)
        oauth = usher.services.connections.oauth
        started = await oauth.start(url.rpartition("=")[2])
        outcome = await oauth.finish(started.state, started.browser, dict((await agree(started.url)).params))
        assert outcome.ok
        await usher.modal_with("Wiki is connected: 2 tools now available", MEMBER)
        [view] = await usher.services.connections.of(COLLEAGUE)
        assert {tool.name: tool.policy for tool in view.tools} == {"look": "free", "change": "ask"}
        tools = await usher.services.connections._pool.toolset(COLLEAGUE)
        name = next(each.name for each in tools.tools if each.own_name == "look")
        assert "seen" in str((await tools.call(ToolCall("1", name))).output) and lab.done == ["look"]


async def test_what_is_said_of_a_card_can_be_changed_while_its_server_is_away(usher: Usher, open_server: Notes) -> None:
    away = "http://127.0.0.1:9/mcp"
    async with usher.services.db.begin() as tables:
        await tables.workspaces.ensure(TEAM)
        added = await tables.added_cards.add(added_card(TEAM, title="Wiki", about="Our pages.", url=away, icon="books"))
    await usher.press(await opened(usher), screens.CHANGE)
    form = await second_step(usher, away)
    assert "does not answer now" in said(form)
    values = {"title": {"value": "Handbook"}, "audience": {"value": [MEMBER]}}
    await usher.slack.submit_view(OWNER, form["id"], values)
    await usher.modal_with("Handbook is saved")
    assert (await usher.services.workspace_cards.get(TEAM, added.id)).card.audience == [MEMBER]


async def test_only_admins_see_the_button_and_whoever_is_none_by_now_is_refused(usher: Usher) -> None:
    assert "Workspace cards" not in said(await usher.home(MEMBER))
    home = await usher.tab("connections")
    await usher.press(home, screens.OPEN)
    await usher.modal_with("There are none yet")
    usher.slack.will_refuse("users.info", "user_not_found")
    await usher.press(home, screens.OPEN)
    await usher.modal_with("Only admins of this workspace")


async def test_a_card_for_named_members_is_nobody_elses(usher: Usher, open_server: Notes) -> None:
    added = await usher.services.workspace_cards.add(usher.member, draft(open_server.url, audience=(OWNER,)))
    assert await usher.services.card_for(usher.member, added.id)
    assert await usher.services.card_for(COLLEAGUE, added.id) is None
    assert await usher.services.card_for(Member("T0OTHER", OWNER), added.id) is None
    await usher.slack.command(MEMBER, MEMBERS_DM, "/mcp connect wiki")
    assert "Wiki" not in said(await usher.modal_with("I have no card of that name", MEMBER))


async def test_what_leans_on_a_card_that_is_taken_back_is_not_permitted(usher: Usher, open_server: Notes) -> None:
    added = await usher.services.workspace_cards.add(usher.member, draft(open_server.url, reads=("list_notes",)))
    card = await usher.services.card_for(usher.member, added.id)
    assert card
    await usher.services.connections.begin(usher.member, card, {})
    tools = await usher.services.connections._pool.toolset(usher.member)

    shown = await opened(usher)
    await usher.press(shown, screens.TAKE_BACK)
    sure = await usher.modal_with("1 connection of 1 member will be")
    await usher.submit(sure)
    await usher.modal_with("Wiki is taken back")

    [view] = await usher.services.connections.of(usher.member)
    assert view.state is State.NOT_PERMITTED
    refused = await tools.call(ToolCall("1", next(tool.name for tool in tools.tools if tool.own_name == "list_notes")))
    assert refused.error and "not permitted" in refused.error


async def test_a_card_is_changed_for_those_who_connect_from_now_on(usher: Usher, open_server: Notes) -> None:
    added = await usher.services.workspace_cards.add(usher.member, draft(open_server.url))
    await usher.press(await opened(usher), screens.CHANGE)
    await filled_in(usher, open_server.url, title="Handbook", audience=(MEMBER,))
    await usher.modal_with("Handbook is saved")
    assert await usher.services.card_for(usher.member, added.id) is None
    found = await usher.services.card_for(COLLEAGUE, added.id)
    assert found and found.title == "Handbook"


async def test_what_somebody_else_changed_meanwhile_is_not_written_over(usher: Usher, open_server: Notes) -> None:
    cards = usher.services.workspace_cards
    added = await cards.add(usher.member, draft(open_server.url))
    await cards.change(usher.member, added.id, 1, draft(open_server.url, about="First."))
    with pytest.raises(UserError, match="changed that card meanwhile"):
        await cards.change(usher.member, added.id, 1, draft(open_server.url, about="Second."))
    assert (await cards.get(TEAM, added.id)).card.about == "First."


async def test_a_server_that_wants_a_sign_in_is_not_saved_as_open(usher: Usher, notes: str) -> None:
    with pytest.raises(FormError) as told:
        await usher.services.workspace_cards.add(usher.member, draft(notes))
    assert told.value.errors.keys() == {"signs_in"}
    added = await usher.services.workspace_cards.add(usher.member, draft(notes, signs_in="token", header="X-API-Key"))
    card = await usher.services.card_for(usher.member, added.id)
    assert card and card.needs_secrets
    [place] = card.server({}).secrets  # type: ignore[union-attr]
    assert (place.header, place.prefix) == ("X-API-Key", "")


async def test_there_are_at_most_so_many(usher: Usher, open_server: Notes) -> None:
    async with usher.services.db.begin() as tables:
        await tables.workspaces.ensure(TEAM)
        for number in range(MOST):
            await tables.added_cards.add(added_card(TEAM, title=f"Card {number}"))
    with pytest.raises(FormError, match=f"at most {MOST} cards"):
        await usher.services.workspace_cards.add(usher.member, draft(open_server.url))


async def test_another_process_hears_of_a_change(usher: Usher, open_server: Notes) -> None:
    from bot.services.cards import Shelf

    other = Shelf(usher.services.db, ())
    await other.load()
    added = await usher.services.workspace_cards.add(usher.member, draft(open_server.url))
    assert added.id not in other
    assert await other.permits(usher.member, added.id) and other[added.id].title == "Wiki"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": "Usher"}, "title"),
        ({"title": "GitHub"}, "title"),
        ({"title": "x" * 25}, "title"),
        ({"about": "two\nlines"}, "about"),
        ({"url": "https://me:pw@wiki.example.org"}, "url"),
        ({"url": "https://wiki.example.org/mcp?api_key=abc"}, "url"),
        ({"signs_in": "password"}, "signs_in"),
        ({"signs_in": "token", "header": "Cookie"}, "header"),
        ({"signs_in": "token", "header": "Mcp-Session-Id"}, "header"),
        ({"signs_in": "token", "header": "X API"}, "header"),
        ({"reads": ("two words",)}, "reads"),
        ({"icon": "skull"}, "icon"),
        ({"questions": ("a", "b", "c", "d")}, "questions"),
    ],
)
def test_what_is_wrong_is_told_under_its_field(wrong: dict[str, Any], field: str) -> None:
    assert draft(**{"url": "https://wiki.example.org/mcp", **wrong}).complaints(["github"]).keys() == {field}


def test_the_longest_lists_and_forms_fit_into_slacks_limits() -> None:
    icon = max(ICONS, key=len)
    widest = {"title": "𝔚" * 24, "about": "&" * 150, "url": f"https://{'x' * 1900}.example.org", "icon": icon}
    rows = [CardView(added_card(**widest, id=f"id-{n}", signs_in="oauth"), Leaning(n, n)) for n in range(MOST)]
    for page in range(MOST // screens.PAGE_SIZE):
        assert check(screens.listed(rows, page, "told " * 100), "modal") == []
    lists = {"reads": ("r" * 14,) * 200, "questions": ("?" * 150,) * 3, "audience": ("U1",) * 100}
    full = Draft(**widest, signs_in="token", **lists)
    problems = {name: "wrong " * 40 for name in ("title", "signs_in", "header")}
    url, many = widest["url"], tuple(f"tool_{n}" for n in range(100))
    for looked in (
        Looked(url, other_header=True, unregistered="h" * 300),
        Looked(url, tools=many, reading=many, name="x" * 500),
        Looked(url, tools=tuple("t" * 76 for _ in range(2))),
        Looked(url, ("token",), answers=False),
    ):
        chosen = replace(full, reads=many) if looked.tools == many else full
        shown = forms.form(chosen, forms.Kept("i" * 36, 1, looked, more=True), problems)
        assert check(shown, "modal") == []
        known = (many, many) if looked.tools == many else ((), ())
        assert forms.Kept.of(shown).looked == replace(looked, tools=known[0], reading=known[1], name="")
    assert check(forms.address(url, "wrong " * 200, ("i" * 36, 1)), "modal") == []
    assert check(screens.sure(rows[-1]), "modal") == []


async def entered(usher: Usher, token: str) -> None:
    step = await usher.modal_with("Last step: enter the token for Wiki")
    url = next(each["url"] for block in step["blocks"] for each in block.get("elements", []) if "url" in each)
    ticket = url.rsplit("/", 1)[1]
    page = await usher.services.connections.ticket(ticket)
    assert page and page.card == "Wiki" and page.host.startswith("127.0.0.1")
    await usher.services.connections.finish(ticket, {"token": token})


async def test_one_token_for_all_is_entered_on_a_page_and_used_by_everybody(usher: Usher, notes: str) -> None:
    await usher.press(await usher.tab("connections"), screens.OPEN)
    await usher.press(await usher.modal_with("There are none yet"), screens.ADD)
    await filled_in(usher, notes, "shared")
    with pytest.raises(FormError):
        await entered(usher, "a-wrong-token")
    assert await usher.services.workspace_cards.of(TEAM) == []
    await filled_in_again(usher, notes)
    await entered(usher, NOTES_TOKEN)
    await usher.modal_with("Wiki is added for your workspace: 4 tools")

    await usher.slack.command(MEMBER, MEMBERS_DM, "/mcp connect wiki")
    await usher.modal_with("Wiki is connected: 4 tools", MEMBER)
    [view] = await usher.services.connections.of(COLLEAGUE)
    assert await SECRETS.read(usher.services.db, COLLEAGUE, view.connection.id) == NOTES_TOKEN
    assert NOTES_TOKEN not in str(usher.slack.calls)
    assert view.connection.spec[SHARED] is True  # so that it follows when another is entered

    [added] = await usher.services.workspace_cards.of(TEAM)
    await usher.services.workspace_cards.take_back(usher.member, added.card.id)
    assert await SECRETS.read(usher.services.db, Member(TEAM, "*"), added.card.id) is None


async def test_who_is_no_admin_any_more_saves_no_token_for_all(usher: Usher, notes: str) -> None:
    await adding(usher)
    await filled_in(usher, notes, "shared")
    await usher.modal_with("Last step: enter the token for Wiki")
    usher.slack.workspace.directory.people[OWNER].flags |= {"is_restricted": True}
    with pytest.raises(UserError, match="Only admins of this workspace"):
        await entered(usher, NOTES_TOKEN)
    assert await usher.services.workspace_cards.of(TEAM) == []
    assert "Only admins" in said(await usher.modal_with("4 more tries"))


async def filled_in_again(usher: Usher, url: str) -> None:
    await usher.press(await usher.tab("connections"), screens.OPEN)
    await usher.press(await usher.modal_with("There are none yet"), screens.ADD)
    await filled_in(usher, url, "shared")
