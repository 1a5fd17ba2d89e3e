"""Where a member may enter a secret: a page for all, a page on the machine itself, Slack's form, or nowhere yet."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack.server import LocalSlack
from run_cards import CARDS
from storage.database import Database
from tests.support.gemini import Scripted
from tests.support.slack import (
    BASE,
    DM,
    GENERAL,
    MEMBER,
    NOTES_TOKEN,
    OWN_URL,
    OWNER,
    Usher,
    running_usher,
    said,
)

House = Callable[..., AbstractAsyncContextManager[Usher]]
ALLOWED = {"base_url": None, "secrets_in_slack": True}
FOR_ADMINS_ALONE = ("PUBLIC_BASE_URL", "ALLOW_SECRETS_IN_SLACK", "usher doctor")


@pytest.fixture
def house(slack: LocalSlack, client: AsyncWebClient, sqlite_db: Database, gemini: Scripted) -> House:
    @asynccontextmanager
    async def opened(**how: Any) -> AsyncIterator[Usher]:
        async with running_usher(slack, client, sqlite_db, gemini, **how) as usher:
            yield usher
            _no_secret_was_asked_of_slack(slack, allowed=how == ALLOWED)
            assert slack.refusals == []

    return opened


def _no_secret_was_asked_of_slack(slack: LocalSlack, *, allowed: bool) -> None:
    """Whatever was shown: no modal has an input named as a card's secret."""
    secrets = {card.secret.name for card in CARDS if card.secret}
    inputs = {block["block_id"] for view in _views(slack) for block in view["blocks"] if block["type"] == "input"}
    assert bool(inputs & secrets) is allowed


def _views(slack: LocalSlack) -> list[dict[str, Any]]:
    return [call.args["view"] for call in slack.calls if "view" in call.args]


def _url(shown: dict[str, Any]) -> str:
    return str(next(each["url"] for block in shown["blocks"] for each in block.get("elements", []) if "url" in each))


@pytest.mark.parametrize("person", [OWNER, MEMBER])
async def test_with_a_public_address_everybody_gets_the_page(house: House, notes: str, person: str) -> None:
    async with house(base_url=BASE) as usher:
        await usher.slack.command(person, GENERAL, "/mcp connect custom")
        form = await usher.modal_with("Nothing secret is typed into Slack", person)
        await usher.submit(form, person, name="Notes", url=notes)
        step_two = await usher.modal_with("Last step: enter the token for Notes", person)
        assert _url(step_two).startswith(f"{BASE}/connect/") and "only in a browser" not in said(step_two)
        assert len(usher.slack.of("users.info")) == 1  # who it is, and not whether they are an admin


async def test_without_one_an_admin_gets_the_page_on_the_machine_itself(house: House, notes: str) -> None:
    async with house(base_url=None) as usher:
        await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
        form = await usher.modal_with("opens only on the machine that I run on")
        await usher.submit(form, name="Notes", url=notes)
        step_two = await usher.modal_with("opens only in a browser on the machine that Usher itself runs on")
        assert _url(step_two).startswith(f"{OWN_URL}/connect/")
        await usher.services.connections.finish(_url(step_two).rpartition("/")[2], {"token": NOTES_TOKEN})
        assert await usher.modal_with("Notes is connected: 4 tools now available")


async def test_an_admin_whom_the_operator_named_gets_it_as_well(house: House) -> None:
    async with house(base_url=None, admins=frozenset({MEMBER})) as usher:
        await usher.slack.command(MEMBER, GENERAL, "/mcp connect github")
        await usher.submit(await usher.modal_with("Fewer are found faster.", MEMBER), MEMBER)
        assert _url(await usher.modal_with("Last step", MEMBER)).startswith(OWN_URL)


async def test_without_one_a_member_is_told_so_and_the_admins_hear_once_how_to_change_it(house: House) -> None:
    async with house(base_url=None) as usher:
        for card in ("github", "supabase", "github"):
            await usher.slack.command(MEMBER, GENERAL, f"/mcp connect {card}")
            told = await usher.modal_with("this installation cannot take secrets yet", MEMBER)
            assert "Your workspace's admins can change that" in said(told)
            assert not any(word in said(told) for word in FOR_ADMINS_ALONE)
            await usher.slack.close_view(MEMBER, told["id"], everything=True)
        note = said(await usher.message_with("You hear this because you look after me here"))
        assert "PUBLIC_BASE_URL" in note and "A member could not connect a tool" in note
        assert len([each for each in usher.slack.messages(DM, OWNER) if "look after me" in said(each)]) == 1


async def test_what_needs_no_secret_connects_all_the_same(house: House) -> None:
    async with house(base_url=None) as usher:
        await usher.slack.command(MEMBER, GENERAL, "/mcp connect time")
        assert await usher.modal_with("Time is connected: 2 tools now available", MEMBER)


async def test_a_server_that_turns_out_to_want_one_is_told_after_the_form(house: House, notes: str) -> None:
    async with house(base_url=None) as usher:
        await usher.slack.command(MEMBER, GENERAL, "/mcp connect custom")
        form = await usher.modal_with("works only for servers that need no token", MEMBER)
        await usher.submit(form, MEMBER, name="Notes", url=notes)
        told = await usher.modal_with("Custom needs a secret, and this installation cannot take secrets yet", MEMBER)
        assert not any(word in said(told) for word in FOR_ADMINS_ALONE)


async def test_a_secret_that_a_form_brings_unasked_is_not_taken(house: House, notes: str) -> None:
    async with house(base_url=None) as usher:
        await usher.slack.command(MEMBER, GENERAL, "/mcp connect custom")
        form = await usher.modal_with("Server URL", MEMBER)
        open_view = usher.slack.workspace.views.find(MEMBER, form["id"])
        assert open_view
        open_view["blocks"].append(
            {"type": "input", "block_id": "token", "label": {"type": "plain_text", "text": "x"}, "optional": True,
             "element": {"type": "plain_text_input", "action_id": "value"}}
        )  # fmt: skip
        await usher.submit(form, MEMBER, name="Notes", url=notes, token=NOTES_TOKEN)
        assert await usher.modal_with("cannot take secrets yet", MEMBER)


@pytest.mark.parametrize("trouble", ["internal_error", "missing_scope"])
async def test_when_slack_does_not_say_who_is_admin_nobody_is(house: House, slack: LocalSlack, trouble: str) -> None:
    async with house(base_url=None) as usher:
        await usher.slack.command(OWNER, GENERAL, "/mcp help")  # that they belong here is known from before
        await usher.message_with("/mcp connect [card]", GENERAL)
        slack.will_refuse("users.info", trouble)
        await usher.slack.command(OWNER, GENERAL, "/mcp connect github")
        assert await usher.modal_with("this installation cannot take secrets yet")
        assert await usher.message_with("You could not connect a tool")  # an admin is not told of «a member»
        usher.slack.refusals.clear()


async def test_who_is_admin_is_asked_again_when_the_form_comes(house: House, slack: LocalSlack, notes: str) -> None:
    async with house(base_url=None) as usher:
        await usher.slack.command(OWNER, GENERAL, "/mcp connect custom")
        form = await usher.modal_with("opens only on the machine that I run on")
        slack.workspace.directory.people[OWNER].flags |= {"is_restricted": True}
        await usher.submit(form, name="Notes", url=notes)
        assert await usher.modal_with("cannot take secrets yet")


@pytest.mark.parametrize("person", [OWNER, MEMBER])
async def test_where_it_is_allowed_the_form_itself_asks_says_so_and_never_gives_the_token_back(
    house: House, notes: str, person: str
) -> None:
    async with house(**ALLOWED) as usher:
        await usher.slack.command(person, GENERAL, "/mcp connect custom")
        form = await usher.modal_with("Token or key", person)
        assert "Your admins allow tokens to be typed in here. Slack shows what you type and may keep it" in said(form)
        answer = await usher.submit(form, person, name="Notes", url=notes, token="wrong-token")
        assert "refused this token" in answer["errors"]["token"]
        await usher.submit(form, person, name="Notes", url=notes, token=NOTES_TOKEN)
        assert await usher.modal_with("4 tools now available. 2 of them say that they only read", person)
        assert "wrong-token" not in str(usher.slack.calls) and NOTES_TOKEN not in str(usher.slack.calls)


async def test_where_it_is_allowed_and_there_is_a_page_the_page_is_taken(house: House) -> None:
    async with house(base_url=BASE, secrets_in_slack=True) as usher:
        await usher.slack.command(OWNER, GENERAL, "/mcp connect github")
        await usher.submit(await usher.modal_with("Fewer are found faster."))
        assert _url(await usher.modal_with("Last step")).startswith(BASE)
