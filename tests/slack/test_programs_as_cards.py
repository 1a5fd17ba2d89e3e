"""An admin adds a program of this machine in Slack: typed, shown word by word, confirmed, run, and used by members."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.cards import Draft, Looked
from bot.services.cards.programs import MEGABYTES, SECONDS, Shown, Typed
from bot.slack.screens.cards import forms, listing, programs
from mcp_runtime.commands import Commands
from mcp_runtime.sandbox import Level, Sandbox
from mcp_runtime.specs import COMMAND, Command, StdioSpec
from mcp_runtime.states import State
from playground.slack.block_kit.checking import check
from playground.slack.core.people import MEMBER
from playground.slack.server import LocalSlack
from storage.database import Database
from storage.members import Member
from tests.mcp_runtime.commands.typed_server import LINE
from tests.support.gemini import Scripted
from tests.support.requirements import require
from tests.support.slack import MEMBERS_DM, OWNER, TEAM, Usher, running_usher, said

COLLEAGUE = Member(TEAM, MEMBER)
FILLED = {"command": LINE, "variables": "WIKI_HOME=pages", "hosts": "wiki.example.org"}


@pytest.fixture
async def sandbox() -> Sandbox:
    box = Sandbox(commands=Commands())
    level = await box.probe()
    require(level.name == "full", level.cure)
    return box


@pytest.fixture
async def usher(
    slack: LocalSlack, client: AsyncWebClient, sqlite_db: Database, gemini: Scripted, sandbox: Sandbox
) -> AsyncIterator[Usher]:
    async with running_usher(slack, client, sqlite_db, gemini, sandbox=sandbox) as running:
        yield running


async def adding(usher: Usher) -> dict[str, Any]:
    await usher.press(await usher.tab("connections"), listing.OPEN)
    await usher.press(await usher.modal_with("There are none yet"), listing.ADD)
    await usher.press(await usher.modal_with("Address of its MCP server"), programs.INSTEAD)
    return await usher.modal_with("Step 1 of 3")


async def confirming(usher: Usher, **filled: str) -> dict[str, Any]:
    await usher.submit(await adding(usher), **{**FILLED, **filled})
    return await usher.modal_with("Step 2 of 3")


def texts(shown: dict[str, Any]) -> str:
    """Of its sections, as they stand there."""
    return "\n".join(block["text"]["text"] for block in shown["blocks"] if block["type"] == "section")


async def test_an_admin_sees_exactly_what_would_run_before_it_runs_and_members_use_it(usher: Usher) -> None:
    shown = await confirming(usher)
    assert "2.  -I" in texts(shown) and "WIKI_HOME=pages" in texts(shown) and "SHA-256" in texts(shown)
    assert "\nwiki.example.org\n" in texts(shown) and "runs in the sandbox" in texts(shown)
    assert "json.loads(line)" in texts(shown)  # whole, however long
    assert await usher.services.workspace_cards.of(TEAM) == []
    await usher.submit(shown)
    form = await usher.modal_with("The program runs, with 3 tools")
    values = {"about": {"value": "Our pages."}, "title": {"value": "Wiki"}, "reads": {"value": ["env"]}}
    await usher.slack.submit_view(OWNER, form["id"], values)
    shown = await usher.modal_with("Wiki is added")
    assert "A program on this machine: " in said(shown)

    await usher.slack.command(MEMBER, MEMBERS_DM, "/mcp connect wiki")
    await usher.modal_with("Wiki is connected: 3 tools", MEMBER)
    [view] = await usher.services.connections.of(COLLEAGUE)
    assert {tool.name for tool in view.tools if tool.policy == "free"} == {"env"}
    seen_by_members = json.dumps(usher.slack.snapshot(MEMBER))
    assert not any(word in seen_by_members for word in ("python3", "WIKI_HOME", "wiki.example.org", "SHA-256"))


def test_no_two_commands_look_alike_where_they_are_confirmed() -> None:
    words = ("/usr/bin/wiki", "a b", "a  b", " a", "a ", "", "a", "b")
    spec = StdioSpec(COMMAND, command=replace(LONGEST, words=words, files=(), variables=(("WIKI", "x  y"),)))
    shown = texts(programs.confirm(Shown(spec, None, Level("full"))))
    for each in ("2.  “a b”", "3.  a␣␣b", "4.  ␣a", "5.  a␣", "6.  “”", "7.  a\n8.  b", "WIKI=x␣␣y"):
        assert each in shown


async def test_secrets_are_asked_on_a_page_and_never_in_slack(usher: Usher) -> None:
    shown = await confirming(usher, secrets="WIKI_TOKEN\nWIKI_PASSWORD")
    assert "it runs when you send that off: `WIKI_TOKEN`, `WIKI_PASSWORD`" in texts(shown)
    await usher.submit(shown)
    form = await usher.modal_with("runs once its secrets are entered")
    await usher.submit(form, title="Wiki", about="Our pages.", reads="env")
    step = await usher.modal_with("Last step")
    url = next(each["url"] for block in step["blocks"] for each in block.get("elements", []) if "url" in each)
    ticket = url.rpartition("/")[2]
    page = await usher.services.connections.ticket(ticket)
    assert page and [field.name for field in page.fields] == ["WIKI_TOKEN", "WIKI_PASSWORD"]
    await usher.services.connections.finish(ticket, {"WIKI_TOKEN": "one-secret", "WIKI_PASSWORD": "other-secret"})
    await usher.modal_with("Wiki is added for your workspace: 3 tools")
    assert "one-secret" not in str(usher.slack.calls) and "other-secret" not in str(usher.slack.calls)


async def test_what_is_wrong_is_told_in_the_form_and_what_was_typed_stays(usher: Usher) -> None:
    await usher.submit(await adding(usher), **{**FILLED, "command": "npx -y wiki", "variables": "PATH=/tmp"})
    form = await usher.modal_with("would fetch a package")
    assert "PATH decides how programs run here" in said(form) and "npx -y wiki" in said(form)
    await usher.submit(form, command="true", variables="", hosts="")
    await usher.submit(await usher.modal_with("Step 2 of 3"))
    form = await usher.modal_with("its program ended")
    assert '"initial_value": "true"' in said(form) and await usher.services.workspace_cards.of(TEAM) == []


async def test_what_was_shown_can_be_changed_before_it_runs(usher: Usher) -> None:
    await usher.press(await confirming(usher), programs.BACK)
    form = await usher.modal_with("Step 1 of 3")
    elements = {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}
    assert elements["variables"]["initial_value"] == "WIKI_HOME=pages"
    assert elements["command"]["initial_value"] == LINE


async def test_a_changed_card_is_confirmed_again_before_its_connections_use_it(usher: Usher) -> None:
    await usher.submit(await confirming(usher))
    await usher.submit(await usher.modal_with("with 3 tools"), title="Wiki", about="Our pages.")
    await usher.press(await usher.modal_with("Wiki is added"), listing.CHANGE)
    form = await usher.modal_with("Step 1 of 3")
    await usher.submit(form, variables="WIKI_HOME=other")
    await usher.submit(await usher.modal_with("WIKI_HOME=other"))
    form = await usher.modal_with("run what is confirmed here from now on")
    await usher.slack.submit_view(OWNER, form["id"], {"about": {"value": "Other pages."}})
    await usher.modal_with("Wiki is saved")
    [view] = await usher.services.workspace_cards.of(TEAM)
    assert view.card.spec and view.card.spec["command"]["variables"] == [["WIKI_HOME", "other"]]


async def test_who_is_no_admin_by_now_runs_nothing(usher: Usher) -> None:
    shown = await confirming(usher)
    usher.slack.workspace.directory.people[OWNER].flags |= {"is_restricted": True}
    await usher.submit(shown)
    await usher.modal_with("Only admins of this workspace")
    assert await usher.services.workspace_cards.of(TEAM) == []


async def test_what_a_member_forges_finds_nothing_and_runs_nothing(usher: Usher) -> None:
    await confirming(usher)
    [sent] = [call.args["view"] for call in usher.slack.calls if "Step 2 of 3" in str(call.args.get("view"))]
    stolen, _, _ = json.loads((json.loads(sent) if isinstance(sent, str) else sent)["private_metadata"])
    forged = (
        programs.typed(Typed("true")),
        {**programs.confirm(SHOWN), "private_metadata": json.dumps([stolen, "", 0])},
        forms.form(DRAFT, forms.Kept("", 0, Looked("", ("none",), command=stolen))),
    )
    for view in forged:
        trigger = usher.slack.workspace.triggers.new(MEMBER)
        await usher.client.views_open(trigger_id=trigger, view=view)
        opened = usher.modal(MEMBER)
        assert opened is not None
        await usher.slack.submit_view(MEMBER, opened["id"], {})
        told = await usher.slack.when(
            lambda: (m := usher.modal(MEMBER)) and ("Only admins" in said(m) or "15 minutes" in said(m)) and m, 60
        )
        await usher.slack.close_view(MEMBER, told["id"], everything=True)
    assert await usher.services.workspace_cards.of(TEAM) == []


async def test_who_is_no_admin_by_now_is_shown_no_form_to_add_a_card(usher: Usher) -> None:
    await usher.press(await usher.tab("connections"), listing.OPEN)
    opened = await usher.modal_with("There are none yet")
    usher.slack.workspace.directory.people[OWNER].flags |= {"is_restricted": True}
    await usher.press(opened, listing.ADD)
    assert "Address of its MCP server" not in said(await usher.modal_with("Only admins of this workspace"))


async def test_switched_off_it_is_offered_nowhere_and_a_form_that_is_open_leads_nowhere(
    usher: Usher, sandbox: Sandbox
) -> None:
    await usher.submit(await confirming(usher))
    form = await usher.modal_with("with 3 tools")
    sandbox.commands = None
    await usher.submit(form, title="Wiki", about="Our pages.")
    await usher.modal_with("switched off on this installation")
    assert await usher.services.workspace_cards.of(TEAM) == []
    await usher.press(await usher.tab("connections"), listing.OPEN)
    await usher.press(await usher.modal_with("There are none yet"), listing.ADD)
    assert "A program on this machine" not in said(await usher.modal_with("Address of its MCP server"))


async def test_a_member_reads_why_theirs_is_not_permitted_and_an_admin_which_card_it_is(
    usher: Usher, sandbox: Sandbox
) -> None:
    await usher.submit(await confirming(usher))
    await usher.submit(await usher.modal_with("with 3 tools"), title="Wiki", about="Our pages.")
    await usher.modal_with("Wiki is added")
    await usher.slack.command(MEMBER, MEMBERS_DM, "/mcp connect wiki")
    await usher.modal_with("Wiki is connected", MEMBER)
    sandbox.commands = None
    assert "Not permitted here: it is a program that your workspace" in said(await usher.home(MEMBER))
    [view] = await usher.services.connections.of(COLLEAGUE)
    assert view.state is State.NOT_PERMITTED and "switched off here" in view.barred
    await usher.press(await usher.tab("connections"), listing.OPEN)
    assert "Our pages." in said(await usher.modal_with("Not permitted here"))


DRAFT = Draft("Wiki", "Our pages.", "", "none")
SHOWN = Shown(StdioSpec(COMMAND, command=Command(("/usr/bin/true",), ())), None, Level("full"))
LONGEST = Command(
    ("/usr/" + "p" * 1400, *("<w>&" * 20 for _ in range(63))),
    tuple((f"/usr/{n}/" + "f" * 200, "0" * 64) for n in range(20)),
    tuple((f"{'V' * 60}{n}", "v" * 500) for n in range(20)),
)


@pytest.mark.parametrize("level", ["full", "reduced", "none", "off"])
def test_the_longest_command_fits_into_slacks_limits_and_is_shown_whole(level: Any) -> None:
    hosts = tuple(f"{'h' * 60}.{'o' * 60}.{'s' * 60}.{'t' * 40}{n}.example.org" for n in range(32))
    secrets = tuple((f"S{n}", f"S{n}") for n in range(20))
    spec = StdioSpec(COMMAND, (), secrets, hosts, command=LONGEST)
    for each in (spec, replace(spec, secret_variables=(), network=())):
        view = programs.confirm(Shown(each, None, Level(level), "t" * 60), ("i" * 36, 1))
        assert check(view, "modal") == []
        sections = [block["text"] for block in view["blocks"] if block["type"] == "section"]
        verbatim = "".join(text["text"] for text in sections if text["type"] == "plain_text")
        assert verbatim.replace("\n", "").count("<w>&") == 63 * 20
        assert all(host in verbatim for host in each.network)
    assert Typed.of(spec, None).line == ""  # no part of it, which would be another command
    typed = Typed("x" * 1500, ("V" * 100,) * 20, ("S" * 60,) * 20, hosts[:10], MEGABYTES[0], SECONDS[-1])
    assert check(programs.typed(typed, ("i" * 36, 1), ["wrong " * 200] * 4), "modal") == []
    assert programs.read({"megabytes": "no", "seconds": "60"}) == Typed(megabytes=0, seconds=60)
