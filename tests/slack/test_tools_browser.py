"""The list of tools: searched, filtered and paged; a policy for one or for all that match; a tool tried out by hand."""

from typing import Any

import pytest
import sqlalchemy as sa

from bot.slack.listeners.connections import trial_window
from mcp_runtime.tools.tools import ToolResult
from storage.tables import AuditEntry, Connection, PinnedTool
from tests.support.slack import DM, OWNER, Usher, said

NEW_NOTE = {"argument:title": "Milk", "argument:text": "two bottles"}


async def many_tools(usher: Usher, number: int = 25) -> str:
    """A connection with as many tools, past the screens and any server."""
    where = {"workspace_id": usher.member.workspace}
    async with usher.services.db.begin() as tables:
        await tables.workspaces.ensure(usher.member.workspace)
        made = await tables.connections.add(
            Connection(**where, member_id=OWNER, card="custom", title="Big", slug="big", spec={})
        )
        schema = {"properties": {"repo": {"type": "string"}, "page": {"type": "integer"}}, "required": ["repo"]}
        await tables.tools.save(
            PinnedTool(
                **where,
                connection_id=made.id,
                name=f"{'list' if n % 2 else 'delete'}_{n:02}",
                title=f"{'List' if n % 2 else 'Delete'} {n:02}",
                description="Works on issues." if n < 4 else "Works on the rest.",
                definition={"name": "x", "inputSchema": schema},
                pin="p",
                hinted_reading=bool(n % 2),
            )
            for n in range(number)
        )
    return made.id


async def browser(usher: Usher, line: str = "/mcp tools Big") -> dict[str, Any]:
    await usher.slack.command(OWNER, DM, line)
    return await usher.modal_with("Asks first")


async def chosen(usher: Usher, shown: dict[str, Any], action_id: str, starts: str) -> None:
    """Choose the option whose value begins so."""
    for block in shown["blocks"]:
        for element in [*block.get("elements", []), block.get("accessory") or {}]:
            if element.get("action_id") == action_id:
                value = next(each["value"] for each in element["options"] if each["value"].startswith(starts))
                pressed = {"block_id": block["block_id"], "action_id": action_id, "value": value}
                await usher.slack.press(OWNER, {"container": {"type": "view", "view_id": shown["id"]}, **pressed})
                return
    raise AssertionError(f"{action_id} is not offered")


def titles(shown: dict[str, Any]) -> list[str]:
    buttons = [each for block in shown["blocks"] for each in block.get("elements", [])]
    labels = [each["accessibility_label"] for each in buttons if each.get("action_id") == "tools.try"]
    return [label.removeprefix("Try it: ") for label in labels]


async def test_tools_are_paged_and_told_in_plain_words(usher: Usher) -> None:
    await many_tools(usher)
    shown = await browser(usher)
    assert len(titles(shown)) == 10 and titles(shown)[0] == "Delete 00"
    assert "25 tools, 12 only read" in said(shown) and "page 1 of 3" in said(shown)
    assert "Needs: repo (text). May have: page (whole number)" in said(shown)
    await usher.press(shown, "tools.page.more")
    assert titles(await usher.modal_with("page 2 of 3"))[0] == "Delete 20"


async def test_a_search_keeps_to_what_matches_all_its_words(usher: Usher) -> None:
    await many_tools(usher)
    shown = await browser(usher)
    await usher.submit(shown, **{"tools.search": "LIST issues"})
    assert titles(await usher.modal_with("*List 01*")) == ["List 01", "List 03"]
    await usher.submit(usher.modal() or {}, **{"tools.search": "nothing like it"})
    await usher.modal_with("No tool matches")
    await usher.submit(usher.modal() or {}, **{"tools.search": ""})
    await usher.modal_with("page 1 of 3")


async def test_a_choice_shows_those_that_may_change_things_alone(usher: Usher) -> None:
    await many_tools(usher)
    await chosen(usher, await browser(usher), "tools.show", "writes")
    shown = await usher.modal_with("13 tools, page 1 of 2")
    assert all(title.startswith("Delete") for title in titles(shown))


async def test_a_policy_for_all_that_match_holds_for_them_and_for_no_other(usher: Usher) -> None:
    connection_id = await many_tools(usher)
    shown = await browser(usher)
    await usher.submit(shown, **{"tools.search": "list"})
    shown = await usher.modal_with("12 tools, page 1 of 2")
    assert '"text": "Change 12 tools?"' in said(shown)
    await chosen(usher, shown, "tools.all", "always")
    await usher.modal_with("I do not ask any more before I call 12 tools.")
    tools = await usher.services.connections.tools(usher.member, connection_id)
    assert {tool.name[:4]: tool.policy for tool in tools} == {"list": "always", "dele": "ask"}


async def test_nothing_is_changed_for_all_when_others_match_by_now(usher: Usher) -> None:
    connection_id = await many_tools(usher)
    shown = await browser(usher)
    async with usher.services.db.begin() as tables:
        rows = await tables.tools.of(usher.member.workspace, connection_id)
        await tables.tools.save([PinnedTool(**_key(rows[0]), definition={}, pin="p", state="gone")])
    await chosen(usher, shown, "tools.all", "off")
    await usher.modal_with("Other tools match by now, so nothing was changed")
    tools = await usher.services.connections.tools(usher.member, connection_id)
    assert {tool.policy for tool in tools} == {"ask"}


def _key(row: PinnedTool) -> dict[str, str]:
    return {"workspace_id": row.workspace_id, "connection_id": row.connection_id, "name": row.name}


async def trial(usher: Usher, notes: str, tool: str, policy: str) -> dict[str, Any]:
    """The form of a tool."""
    connection_id = await usher.connect_notes(notes)
    await usher.services.connections.choices.set_policy(usher.member, connection_id, tool, policy)
    shown = await browser(usher, "/mcp tools notes")
    block_id = f"tool:{policy}:{tool}"
    pressed = {"block_id": block_id, "action_id": "tools.try"}
    await usher.slack.press(OWNER, {"container": {"type": "view", "view_id": shown["id"]}, **pressed})
    return await usher.modal_with("It runs at once" if policy == "always" else "Nothing is run yet")


async def test_a_tool_that_needs_no_question_runs_at_once_and_its_form_stays_below(usher: Usher, notes: str) -> None:
    form = await trial(usher, notes, "add_note", "always")
    await usher.submit(form, **NEW_NOTE)
    shown = await usher.modal_with("of Notes answered in")
    assert "Milk" in said(shown)
    await usher.slack.close_view(OWNER, shown["id"])
    assert "argument:title" in str(usher.modal())
    async with usher.services.db.read() as tables:
        entries = list(await tables.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "tool.tried")))
    assert [each.detail for each in entries] == [{"tool": "add_note", "asked": False}]


async def test_a_tool_that_asks_shows_its_whole_call_first_and_runs_it_once(usher: Usher, notes: str) -> None:
    form = await trial(usher, notes, "add_note", "ask")
    await usher.submit(form, **NEW_NOTE)
    question = await usher.modal_with("May I?")
    assert "two bottles" in said(question) and await kept_notes(usher) == []
    await usher.submit(question)
    await usher.modal_with("of Notes answered in")
    assert len(await kept_notes(usher)) == 1
    again = await usher.services.connections.trying.look(usher.member, await the_connection(usher), "add_note")
    with pytest.raises(Exception, match="run before"):
        await usher.services.connections.trying.call(usher.member, again, {}, once=question["id"])


async def test_a_no_runs_nothing_and_leads_back_to_what_was_typed(usher: Usher, notes: str) -> None:
    await usher.submit(await trial(usher, notes, "add_note", "ask"), **NEW_NOTE)
    question = await usher.modal_with("May I?")
    await usher.slack.close_view(OWNER, question["id"])
    assert "argument:title" in str(usher.modal()) and await kept_notes(usher) == []


async def test_what_is_missing_is_told_under_its_field(usher: Usher, notes: str) -> None:
    form = await trial(usher, notes, "add_note", "ask")
    answer = await usher.submit(form, **{**NEW_NOTE, "argument:title": "x" * 3001})
    assert "argument:title" in answer["errors"]


async def test_a_tool_that_changed_while_its_form_was_open_is_not_run(usher: Usher, notes: str) -> None:
    form = await trial(usher, notes, "add_note", "always")
    connection_id = await the_connection(usher)
    async with usher.services.db.begin() as tables:
        row = next(
            each for each in await tables.tools.of(usher.member.workspace, connection_id) if each.name == "add_note"
        )
        await tables.tools.save([PinnedTool(**_key(row), definition=row.definition, pin="other", state="accepted")])
    await usher.submit(form, **NEW_NOTE)
    await usher.modal_with("This tool has changed since you opened the form.")
    assert await kept_notes(usher) == []


async def test_a_slow_tool_shows_that_it_runs_and_then_what_came_of_it(
    usher: Usher, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_window, "GRACE", 0.0)
    form = await trial(usher, notes, "add_note", "always")
    await usher.submit(form, **NEW_NOTE)
    await usher.modal_with("of Notes answered in")


async def test_a_trial_that_breaks_while_it_runs_leaves_no_window_that_waits(
    usher: Usher, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: Any, **__: Any) -> ToolResult:
        raise ConnectionError("the database is away")

    form = await trial(usher, notes, "add_note", "always")
    monkeypatch.setattr(trial_window, "GRACE", 0.0)
    monkeypatch.setattr(usher.services.connections.trying, "call", breaks)
    await usher.submit(form, **NEW_NOTE)
    window = await usher.modal_with("Something went wrong")
    assert window["blocks"][-1]["type"] == "context" and "Reference" in said({"blocks": window["blocks"][-1:]})


async def test_a_failure_of_the_tool_is_told_in_its_window(usher: Usher, notes: str) -> None:
    form = await trial(usher, notes, "read_note", "always")
    await usher.submit(form, **{next(iter(asked(form))): "nowhere"})
    await usher.modal_with("The tool of Notes failed")


def asked(form: dict[str, Any]) -> list[str]:
    return [block["block_id"] for block in form["blocks"] if block["type"] == "input"]


async def the_connection(usher: Usher) -> str:
    [view] = await usher.services.connections.of(usher.member)
    return view.connection.id


async def kept_notes(usher: Usher) -> list[str]:
    """Titles, as the server itself tells them."""
    found = await usher.services.connections.trying.look(usher.member, await the_connection(usher), "list_notes")
    result = (await usher.services.connections.trying.call(usher.member, found, {})).output["result"]
    return list(result)


async def test_from_the_third_window_on_what_comes_of_a_trial_takes_the_place_of_its_form(
    usher: Usher, notes: str
) -> None:
    connection_id = await usher.connect_notes(notes)
    await usher.services.connections.choices.set_policy(usher.member, connection_id, "add_note", "always")
    await usher.shortcut("my_connections")
    await usher.choose(await usher.modal_with("*Notes*"), "tools")
    shown = await usher.modal_with("Asks first")
    pressed = {"block_id": "tool:always:add_note", "action_id": "tools.try"}
    await usher.slack.press(OWNER, {"container": {"type": "view", "view_id": shown["id"]}, **pressed})
    await usher.submit(await usher.modal_with("It runs at once"), **NEW_NOTE)
    await usher.modal_with("of Notes answered in")
    assert usher.slack.refusals == []
