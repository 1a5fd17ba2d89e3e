"""A program of this machine as a workspace's card: confirmed, pinned, with secrets for all; followed and refused."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import FormError, UserError
from bot.services.cards import Draft, Shelf, WorkspaceCards
from bot.services.cards.programs import NOT_SEEN, OFF, PURPOSE, TOO_LATE, Typed
from bot.services.connections import Connected, Connections
from bot.services.connections.permission import Permission
from bot.services.connections.values import ConnectionView
from bot.services.tickets import Entry, Tickets
from mcp_runtime.addresses import Reach
from mcp_runtime.commands import Commands
from mcp_runtime.errors.causes import Cause
from mcp_runtime.sandbox import Sandbox
from mcp_runtime.sandbox.sandbox import COMMAND_CHANGED, COMMANDS_OFF
from mcp_runtime.secrets import MasterKey, SecretStore, Vault
from mcp_runtime.sessions.pool import Pool
from mcp_runtime.states import State
from mcp_runtime.tools.tools import ToolCall, ToolResult
from mcp_runtime.tools.toolsets import MemberTools
from run_cards.card import RunCard
from storage.bus.bus import open_bus
from storage.database import Database
from storage.members import Member
from storage.tables import AddedCard, AuditEntry, Connection
from tests.mcp_runtime.commands.typed_server import LINE
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted
from tests.support.requirements import require

ADMIN, COLLEAGUE = Member("T1", "U1"), Member("T1", "U2")
WIKI = Typed(LINE, ("WIKI_HOME=pages",))
WITH_SECRETS = replace(WIKI, secrets=("WIKI_TOKEN", "WIKI_PASSWORD"))
ENTERED = {"WIKI_TOKEN": "t0ken", "WIKI_PASSWORD": "two words, and “more”"}


@dataclass
class Office:
    db: Database
    sandbox: Sandbox
    pool: Pool
    shelf: Shelf
    cards: WorkspaceCards
    connections: Connections
    admins: set[str]

    async def confirmed(self, typed: Typed = WIKI, **more: Any) -> Draft:
        """As an administrator does, step by step."""
        shown = await self.cards.programs.named(ADMIN, typed)
        looked = await self.cards.programs.run(ADMIN, shown.token)
        program, seconds = await self.cards.programs.confirmed(ADMIN, looked.command)
        return Draft("Wiki", "Our pages.", "", looked.ways[0], **{"program": program, "seconds": seconds, **more})

    async def entered(self, draft: Draft, changed: tuple[str, int] = ("", 0)) -> None:
        page = await self.cards.ask_token(ADMIN, draft, changed, Entry.PAGE, "V1")
        await self.connections.finish(page.url.rpartition("/")[2], ENTERED)

    async def connected(self, member: Member = COLLEAGUE) -> Connected:
        [card] = await self.offered(member)
        made = await self.connections.begin(member, card, {})
        assert isinstance(made, Connected)
        return made

    async def offered(self, member: Member = COLLEAGUE) -> list[RunCard]:
        return [card for card in await self.shelf.of(member) if card.title == "Wiki"]

    async def call(self, tool: str, tools: MemberTools | None = None) -> ToolResult:
        """Also in the middle of a turn, whose ``tools`` are there already."""
        return await (tools or await self.pool.toolset(COLLEAGUE)).call(ToolCall("", f"wiki__{tool}", {}))

    async def environment(self) -> dict[str, str]:
        result = await self.call("env")
        assert not result.failed, result.error
        found: dict[str, str] = json.loads(result.output["result"])
        return found

    async def view(self) -> ConnectionView:
        [view] = await self.connections.of(COLLEAGUE)
        return view

    async def rows(self, table: Any) -> list[Any]:
        async with self.db.read() as tables:
            return list(await tables.session.scalars(sa.select(table)))


@pytest.fixture
async def office(db: Database, gemini: Scripted) -> AsyncIterator[Office]:
    sandbox = Sandbox(commands=Commands())
    level = await sandbox.probe()
    require(level.name == "full", level.cure)
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(open_bus(db))
        store, admins = SecretStore(Vault([MasterKey(b"k" * 32)])), {ADMIN.id}
        shelf = Shelf(db, (), secrets=store, runs=sandbox.refusal)
        permits = Permission(shelf, sandbox.refusal)
        pool = Pool(db, store, reach=Reach.allowing(""), sandbox=sandbox, permits=permits, connect_timeout=30)
        stack.push_async_callback(pool.close)
        tickets = Tickets(db, "https://usher.example")

        async def is_admin(member: Member) -> bool:
            return member.id in admins

        cards = WorkspaceCards(db, bus, pool, shelf, store, tickets, is_admin)
        connections = Connections(db, bus, pool, store, tickets, shelf, gemini.model, workspace_cards=cards)
        yield Office(db, sandbox, pool, shelf, cards, connections, admins)


async def test_a_confirmed_program_is_a_card_that_members_connect_and_use(office: Office) -> None:
    added = await office.cards.add(ADMIN, await office.confirmed(reads=("env",), seconds=60))
    await office.connected()
    given = await office.environment()
    assert given["WIKI_HOME"] == "pages"
    view = await office.view()
    assert {tool.name: tool.policy for tool in view.tools} == {"argv": "ask", "env": "free", "reach": "ask"}
    [card] = await office.offered()
    assert card.limits.seconds == 60
    shown = f"{card.title} {card.about} {card.notes} {card.fields}"
    assert "python" not in shown and "WIKI_HOME" not in shown

    [told] = [each for each in await office.rows(AuditEntry) if each.action == "card.added"]
    assert (told.actor, told.detail["command"][1:3], told.detail["variables"]) == ("U1", ["-I", "-c"], ["WIKI_HOME"])
    assert "pages" not in json.dumps({name: value for name, value in told.detail.items() if name != "command"})
    assert told.detail["pin"] == added.pin


@on_each_engine
async def test_its_secrets_are_entered_once_on_a_page_and_reach_every_members_program(office: Office) -> None:
    draft = await office.confirmed(WITH_SECRETS)
    with pytest.raises(FormError):
        await office.cards.add(ADMIN, replace(draft, signs_in="none"))
    await office.entered(draft)
    await office.connected()
    given = await office.environment()
    assert {name: given[name] for name in ENTERED} == ENTERED
    kept = json.dumps([each.detail for each in await office.rows(AuditEntry)])
    assert "WIKI_TOKEN" in kept and not any(secret in kept for secret in ENTERED.values())
    assert not any(secret in str(row.spec) for row in await office.rows(AddedCard) for secret in ENTERED.values())


@on_each_engine
async def test_a_change_holds_for_connections_too_once_it_is_confirmed_with_its_secrets(office: Office) -> None:
    added = await office.cards.add(ADMIN, await office.confirmed())
    await office.connected()
    assert "WIKI_TOKEN" not in await office.environment()
    changed = await office.confirmed(replace(WITH_SECRETS, variables=("WIKI_HOME=other",)))
    await office.entered(changed, (added.id, 1))
    given = await office.environment()
    assert (given["WIKI_HOME"], given["WIKI_TOKEN"]) == ("other", "t0ken")
    await office.cards.change(ADMIN, added.id, 2, await office.confirmed())
    assert "WIKI_TOKEN" not in await office.environment()


@on_each_engine
async def test_what_a_row_says_without_a_confirmation_runs_nothing(office: Office) -> None:
    await office.cards.add(ADMIN, await office.confirmed())
    made = await office.connected()
    tools = await office.pool.toolset(COLLEAGUE)
    spec = json.loads(json.dumps(made.connection.spec))
    other = {**spec, "command": {**spec["command"], "words": ["/usr/bin/id"]}}
    for table, values in (
        (Connection, {"spec": other}),
        (AddedCard, {"spec": other}),
        (AddedCard, {"pin": "0" * 64}),
    ):
        before = {name: getattr((await office.rows(table))[0], name) for name in values}
        await _write(office.db, table, values)
        assert (await office.view()).state is State.NOT_PERMITTED
        refused = (await office.call("env", tools)).error
        assert "admins confirmed" in refused or "not permitted" in refused
        tested = await office.connections.test(COLLEAGUE, made.connection.id)
        assert tested.cause is Cause.NOT_PERMITTED and "confirmed" in tested.sentence
        await _write(office.db, table, before)
        assert (await office.view()).barred == ""
    await _write(office.db, Connection, {"card": "time"})  # another card's name lends it nothing
    assert (await office.view()).state is State.NOT_PERMITTED


async def _write(db: Database, table: Any, values: dict[str, Any]) -> None:
    async with db.begin() as tables:
        await tables.session.execute(sa.update(table).values(**values))


@on_each_engine
async def test_a_changed_file_a_switch_and_a_card_taken_back_each_bar_it_and_lose_nothing(
    office: Office, tmp_path: Path
) -> None:
    added = await office.cards.add(ADMIN, await office.confirmed())
    await office.connected()
    tools = await office.pool.toolset(COLLEAGUE)
    assert not (await office.call("env", tools)).failed
    knows = office.sandbox.commands
    for commands, why in ((None, COMMANDS_OFF), (Commands(below=tmp_path), COMMAND_CHANGED)):
        office.sandbox.commands = commands
        assert (await office.view()).barred == why and await office.offered() == []
        [shown] = await office.cards.of(ADMIN.workspace)
        assert shown.barred == why
        assert "not permitted" in (await office.call("env", tools)).error
        await office.pool._ending.over()
        assert office.pool._sessions.held == {}  # nor does what was started go on
        office.sandbox.commands = knows
        assert (await office.view()).state is State.CONNECTED and not (await office.call("env")).failed
    await office.cards.take_back(ADMIN, added.id)
    assert office.pool._sessions.held == {}
    view = await office.view()
    assert view.state is State.NOT_PERMITTED and view.tools


async def test_what_was_shown_is_run_by_whoever_it_was_shown_to_and_confirmed_before_it_is_saved(
    office: Office,
) -> None:
    programs = office.cards.programs
    shown = await programs.named(ADMIN, WIKI)
    with pytest.raises(UserError, match=NOT_SEEN[:20]):
        await programs.confirmed(ADMIN, shown.token)
    for forged in (programs.run, programs.confirmed):
        with pytest.raises(UserError, match=TOO_LATE[:20]):
            await forged(COLLEAGUE, shown.token)
        with pytest.raises(UserError, match=TOO_LATE[:20]):
            await forged(ADMIN, "made-up")
    office.sandbox.commands = None
    for act in (programs.run, programs.confirmed):
        with pytest.raises(UserError, match=OFF[:20]):
            await act(ADMIN, shown.token)
    with pytest.raises(UserError, match=OFF[:20]):
        await programs.named(ADMIN, WIKI)
    assert PURPOSE not in ("connect", "sign_in")


async def test_who_is_no_admin_any_more_enters_no_secrets_for_all(office: Office) -> None:
    draft = await office.confirmed(WITH_SECRETS)
    page = await office.cards.ask_token(ADMIN, draft, ("", 0), Entry.PAGE, "V1")
    office.admins.clear()
    with pytest.raises(UserError, match="Only admins"):
        await office.connections.finish(page.url.rpartition("/")[2], ENTERED)
    office.admins.add(ADMIN.id)
    office.sandbox.commands = None
    with pytest.raises(FormError, match="Not permitted here"):
        await office.connections.finish(page.url.rpartition("/")[2], ENTERED)
    assert await office.rows(AddedCard) == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (replace(WIKI, line="no-such-program"), "command"),
        (replace(WIKI, line="npx -y wiki"), "command"),
        (replace(WIKI, variables=("PATH=/tmp",)), "variables"),
        (replace(WIKI, secrets=("LD_PRELOAD",)), "secrets"),
        (replace(WIKI, variables=("WIKI=1",), secrets=("WIKI",)), "secrets"),
        (replace(WIKI, hosts=("*",)), "hosts"),
        (replace(WIKI, hosts=("http://a.example/",)), "hosts"),
        (replace(WIKI, hosts=tuple(f"h{n}.example" for n in range(33))), "hosts"),
    ],
)
async def test_what_is_wrong_with_it_is_told_under_its_field(office: Office, typed: Typed, field: str) -> None:
    with pytest.raises(FormError) as told:
        await office.cards.programs.named(ADMIN, typed)
    assert told.value.errors.keys() == {field}


async def test_a_program_that_speaks_no_mcp_is_told_and_leaves_nothing(office: Office) -> None:
    shown = await office.cards.programs.named(ADMIN, Typed("true"))
    with pytest.raises(UserError, match="program ended"):
        await office.cards.programs.run(ADMIN, shown.token)
    assert Typed.of(shown.spec, None).line.endswith("/true")
