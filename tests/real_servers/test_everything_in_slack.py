"""server-everything asks in the middle of a call, and its member answers in Slack: by a form, and by opening a page."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.screens.approvals import elicitations as screens
from mcp_runtime.programs import PROGRAMS
from mcp_runtime.sessions import calls_under_way
from playground.slack.server import LocalSlack
from run_cards import CARDS, custom
from storage.database import Database
from tests.real_servers.conftest import PROGRAM_CARDS, Serve
from tests.real_servers.programs import EVERYTHING, program
from tests.support.gemini import Scripted
from tests.support.server_questions import asked, heard
from tests.support.slack import Usher, client, no_proxy, running_usher, said, slack

__all__ = ["client", "no_proxy", "slack"]

PAGE = "https://pay.example/checkout"


@pytest.fixture(params=["stdio", "streamableHttp", "sse"])
async def usher(
    request: pytest.FixtureRequest,
    slack: LocalSlack,
    client: AsyncWebClient,
    sqlite_db: Database,
    gemini: Scripted,
    everything_at: Serve,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Usher]:
    """Its member has connected server-everything over one of its transports."""
    monkeypatch.setitem(PROGRAMS, "everything", program(EVERYTHING, "stdio"))  # type: ignore[arg-type]
    cards = (*CARDS, PROGRAM_CARDS["Everything"])
    async with running_usher(slack, client, sqlite_db, gemini, cards=cards) as running:
        begin = running.services.connections.begin
        if request.param == "stdio":
            await begin(running.member, PROGRAM_CARDS["Everything"], {})
        else:
            url = everything_at(request.param) + ("/sse" if request.param == "sse" else "/mcp")
            await begin(running.member, custom.CARD, {"name": "Everything", "url": url})
        yield running


async def test_its_form_is_filled_in_by_its_member_and_the_answer_comes_back_whole(usher: Usher) -> None:
    question = await asked(usher, "trigger-elicitation-request")
    assert "Please provide inputs" in said(question)
    await usher.press(question, screens.ANSWER)
    form = await usher.modal_with("Please provide inputs")
    fields = {block["label"]["text"]: block["block_id"] for block in form["blocks"] if block["type"] == "input"}
    assert {"String", "Integer", "Titled Single Select Enum"} <= set(fields)
    refused = await usher.submit(form, **{fields["String"]: "Ada", fields["Integer"]: "101"})
    assert fields["Integer"] in str(refused)

    form = await usher.modal_with("Please provide inputs")
    await usher.submit(form, **{fields["String"]: "Ada", fields["Integer"]: "7"})
    await usher.message_with("So be it.")
    assert "Name: Ada" in heard(usher) and "Favorite Integer: 7" in heard(usher)
    assert (await usher.message_with("Answered"))["ts"] == question["ts"]
    assert usher.slack.refusals == []


async def test_a_no_of_its_member_reaches_it(usher: Usher) -> None:
    question = await asked(usher, "trigger-elicitation-request")
    await usher.press(question, screens.DECLINE)
    await usher.message_with("So be it.")
    assert "declined" in heard(usher)
    assert (await usher.message_with("Declined"))["ts"] == question["ts"]


async def test_its_page_is_named_before_it_is_opened_and_it_hears_of_that(usher: Usher) -> None:
    question = await asked(usher, "trigger-url-elicitation", url=PAGE)
    assert "*pay.example*" in said(question)
    opening = next(e for block in question["blocks"] for e in block.get("elements", []) if e.get("url"))
    assert opening["url"] == PAGE
    await usher.press(question, screens.OPENED)
    await usher.message_with("So be it.")
    assert "completed the URL elicitation" in heard(usher) and usher.slack.refusals == []


async def test_a_page_that_comes_as_an_error_is_opened_first_and_then_the_call_is_made(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls_under_way, "PAGE_SECONDS", 0.1)  # it never says that a page is done with
    first = await asked(usher, "trigger-url-elicitation", url=PAGE, errorPath=True)
    assert "*modelcontextprotocol.io*" in said(first)
    await usher.press(first, screens.OPENED)
    second = await usher.message_with("*pay.example*")
    assert second["ts"] != first["ts"]
    await usher.press(second, screens.OPENED)
    await usher.message_with("So be it.")
    assert "completed the URL elicitation" in heard(usher) and usher.slack.refusals == []
