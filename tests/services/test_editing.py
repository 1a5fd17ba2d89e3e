"""A connection is changed in place: what stays of its tools, and whom its secret is sent to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.errors import FormError, UserError
from bot.services.connections import Connected, TicketNeeded
from bot.services.connections.editing.keeping import MEANWHILE
from bot.services.connections.editing.values import Draft, same_place
from bot.services.connections.oauth import REVOKE
from bot.services.tickets import Entry
from mcp_runtime.specs import HttpSpec, StdioSpec
from mcp_runtime.tools.tools import ToolCall
from run_cards import custom
from storage.tables import AuditEntry, Job
from tests.mcp_runtime.hand_made import LOOK, Body, HandMade, plain, result, running
from tests.services.house import OWNER, House
from tests.services.test_connections import rows
from tests.services.test_oauth import page
from tests.services.workshop import Workshop
from tests.support.engines import on_each_engine
from tests.support.oauth import agree, open_lab

OLD, NEW = "old-secret-5c1a", "new-secret-9f77"


def tool(name: str, description: str = "Does it.") -> Body:
    return {**LOOK, "name": name, "description": description}


@asynccontextmanager
async def shop(*tools: Body, token: str = "") -> AsyncIterator[HandMade]:
    """A server with these tools; ``heard`` is each token that was sent to it."""
    server = HandMade()
    server.heard = set()  # type: ignore[attr-defined]

    async def on_list(body: Body, request: web.Request) -> web.StreamResponse:
        return result(body, {"tools": list(tools)})

    server.on_list = on_list
    plain_answer = server.answer

    async def answer(request: web.Request) -> web.StreamResponse:
        sent = request.headers.get("authorization", "").removeprefix("Bearer ")
        server.heard |= {sent} - {""}  # type: ignore[attr-defined]
        if token and sent != token:
            return plain(401, **{"www-authenticate": "Bearer"})
        return await plain_answer(request)

    server.answer = answer  # type: ignore[method-assign]
    async with running(server):
        yield server


async def edit(house: House, made: Connected, **typed: str) -> Connected | Draft | TicketNeeded:
    return await house.connections.editing.begin(OWNER, made.connection.id, typed, Entry.PAGE, view={"id": "V1"})


async def with_token(house: House, url: str) -> Connected:
    asked = await house.connections.begin(OWNER, custom.CARD, {"name": "Shop", "url": url})
    assert isinstance(asked, TicketNeeded)
    made = await house.connections.finish(asked.url.rpartition("/")[2], {"token": OLD})
    assert made
    return made


async def policies(house: House, made: Connected) -> dict[str, tuple[str, str]]:
    return {tool.name: (tool.state, tool.policy) for tool in await house.connections.tools(OWNER, made.connection.id)}


@on_each_engine
async def test_an_edit_is_shown_before_it_is_saved_and_what_is_the_same_keeps_its_always(house: House) -> None:
    before = [tool("keep"), tool("off"), tool("alter"), tool("drop")]
    after = [tool("keep"), tool("off"), tool("alter", "Does it twice."), tool("fresh"), tool("more")]
    async with shop(*before) as old, shop(*after) as new:
        made = await house.connect(old.url)
        for name, policy in {"keep": "always", "off": "off", "alter": "always", "drop": "always"}.items():
            await house.connections.choices.set_policy(OWNER, made.connection.id, name, policy)
        was = await policies(house, made)
        draft = await edit(house, made, url=new.url, account="Store")
        assert isinstance(draft, Draft) and str(draft.changes) == "2 stay, 1 changed, 2 new, 1 gone"
        assert await policies(house, made) == was and new.calls == 0
        (view,) = await house.connections.of(OWNER)
        assert view.connection.title == "Shop" and view.connection.spec["url"] == old.url

        saved = await house.connections.editing.save(OWNER, draft.token)
        assert isinstance(saved, Connected) and "Store is changed" in saved.sentence
        assert await policies(house, made) == {
            "keep": ("accepted", "always"),
            "off": ("accepted", "off"),
            "alter": ("set_aside", "always"),
            "drop": ("gone", "always"),
            "fresh": ("accepted", "ask"),
            "more": ("accepted", "ask"),
        }
        (view,) = await house.connections.of(OWNER)
        assert (view.connection.title, view.connection.answers["url"]) == ("Store", new.url)
        assert (view.connection.version, view.connection.slug) == (2, "shop")
        with pytest.raises(UserError, match="saved already"):
            await house.connections.editing.save(OWNER, draft.token)
    entry = next(each for each in await rows(house, AuditEntry) if each.action == "connection.edited")
    assert entry.detail["tools"] == "2 stay, 1 changed, 2 new, 1 gone" and "/mcp" not in str(entry.detail)


async def test_a_turn_that_began_before_the_edit_goes_on_at_the_new_server(house: House) -> None:
    async with shop(tool("keep")) as old, shop(tool("keep")) as new:
        made = await house.connect(old.url)
        begun = await house.pool.toolset(OWNER)
        assert not (await begun.call(ToolCall("1", "shop__keep"))).failed and old.calls == 1
        draft = await edit(house, made, url=new.url)
        assert isinstance(draft, Draft)
        await house.connections.editing.save(OWNER, draft.token)
        assert not (await begun.call(ToolCall("2", "shop__keep"))).failed
        assert (old.calls, new.calls) == (1, 1)


async def test_another_server_never_hears_the_old_token_and_the_old_one_never_the_new(house: House) -> None:
    async with shop(tool("keep"), token=OLD) as old, shop(tool("keep"), token=NEW) as new:
        made = await with_token(house, old.url)
        begun = await house.pool.toolset(OWNER)
        await house.connections.choices.set_policy(OWNER, made.connection.id, "keep", "always")
        asked = await edit(house, made, url=new.url)
        assert isinstance(asked, TicketNeeded)
        (view,) = await house.connections.of(OWNER)
        assert view.connection.spec["url"] == old.url
        ticket = asked.url.rpartition("/")[2]
        shown = await house.connections.ticket(ticket)
        assert shown and shown.host == f"127.0.0.1:{new.port}"
        with pytest.raises(FormError, match="refused"):
            await house.connections.finish(ticket, {"token": "wrong-one"})
        saved = await house.connections.finish(ticket, {"token": NEW})
        assert saved and saved.sentence == "Shop is changed. Of its tools: 1 stay"
        assert not (await begun.call(ToolCall("1", "shop__keep"))).failed
        assert (await house.connections.test(OWNER, made.connection.id)).ok
        assert old.heard == {OLD} and new.heard == {NEW, "wrong-one"}  # type: ignore[attr-defined]
    assert await policies(house, made) == {"keep": ("accepted", "always")}


async def test_another_server_that_wants_nothing_is_sent_nothing_and_the_old_token_is_gone(house: House) -> None:
    async with shop(tool("keep"), token=OLD) as old, shop(tool("keep")) as new:
        made = await with_token(house, old.url)
        draft = await edit(house, made, url=new.url)
        assert isinstance(draft, Draft)
        await house.connections.editing.save(OWNER, draft.token)
        assert (await house.connections.test(OWNER, made.connection.id)).ok
        assert new.heard == set()  # type: ignore[attr-defined]
    assert await house.connections._secrets.read_all(house.db, OWNER, made.connection.id) == {}


@on_each_engine
async def test_another_path_of_the_same_server_keeps_the_token(house: House) -> None:
    async with shop(tool("keep"), token=OLD) as old:
        made = await with_token(house, old.url)
        draft = await edit(house, made, url=old.url + "?readonly=1")
        assert isinstance(draft, Draft) and str(draft.changes) == "1 stay"
        await house.connections.editing.save(OWNER, draft.token)
        assert (await house.connections.test(OWNER, made.connection.id)).ok


async def test_what_is_shown_is_what_is_saved(house: House, workshop: Workshop) -> None:
    tools = [tool("keep")]
    async with shop(tool("keep")) as old, shop() as new:

        async def on_list(body: Body, request: web.Request) -> web.StreamResponse:
            return result(body, {"tools": tools})

        new.on_list = on_list
        made = await house.connect(old.url)
        draft = await edit(house, made, url=new.url)
        tools.append(tool("late"))
        assert isinstance(draft, Draft)
        again = await house.connections.editing.save(OWNER, draft.token)
        assert isinstance(again, Draft) and again.shown_before and str(again.changes) == "1 stay, 1 new"
        await house.connections.editing.save(OWNER, again.token)
        with pytest.raises(UserError) as refused:
            await house.connections.editing.save(OWNER, draft.token)
        assert str(refused.value) == MEANWHILE


@on_each_engine
async def test_a_name_alone_asks_no_server_and_keeps_its_session(house: House) -> None:
    async with shop(tool("keep")) as old:
        made = await house.connect(old.url)
        asked = len(old.asked)
        saved = await edit(house, made, url=old.url, account="Store")
        assert isinstance(saved, Connected) and saved.sentence == "Store is changed" and len(old.asked) == asked
        form = await house.connections.editing.form(OWNER, made.connection.id)
        assert form.answers["url"] == old.url and form.connection.title == "Store"
        assert [field.name for field in form.fields] == ["url"]


async def test_what_cannot_be_changed_so_says_which_answer_and_changes_nothing(house: House) -> None:
    async with shop(tool("keep")) as old:
        made = await house.connect(old.url)
        await house.connect(old.url, "Other")
        for typed, field in (
            ({"account": "other"}, "account"),
            ({"account": "Usher"}, "account"),
            ({"url": "ftp://somewhere"}, "url"),
            ({"url": "http://127.0.0.1:9/mcp"}, "url"),
        ):
            with pytest.raises(FormError) as refused:
                await edit(house, made, **typed)
            assert list(refused.value.errors) == [field]
    (view, _) = await house.connections.of(OWNER)
    assert (view.connection.title, view.connection.version) == ("Shop", 1)


@on_each_engine
async def test_a_server_that_signs_members_in_gets_a_grant_which_ends_when_it_is_left_again(house: House) -> None:
    async with shop(tool("keep"), token=OLD) as old, open_lab() as lab:
        made = await with_token(house, old.url)
        asked = await edit(house, made, url=lab.url)
        assert isinstance(asked, TicketNeeded) and asked.signs_in_at
        started = await house.connections.oauth.start(asked.url.rpartition("=")[2])
        outcome = await house.connections.oauth.finish(
            started.state, started.browser, dict((await agree(started.url)).params)
        )
        assert outcome.ok and "Shop is changed. Of its tools: 2 new, 1 gone" in outcome.sentence
        (view,) = await house.connections.of(OWNER)
        assert (view.connection.id, view.connection.answers["url"]) == (made.connection.id, lab.url)
        assert (await house.connections.test(OWNER, made.connection.id)).ok
        back = await edit(house, made, url=old.url)
        assert isinstance(back, TicketNeeded) and old.heard == {OLD}  # type: ignore[attr-defined]
        assert await house.connections.finish(back.url.rpartition("/")[2], {"token": OLD})
        assert list(await house.connections._secrets.read_all(house.db, OWNER, made.connection.id)) == ["token"]
        assert [job.kind for job in await rows(house, Job) if job.kind == REVOKE]


async def test_a_connection_made_by_signing_in_keeps_its_answers(house: House) -> None:
    async with open_lab() as lab:
        started = await house.connections.oauth.start(await page(house, lab))
        await house.connections.oauth.finish(started.state, started.browser, dict((await agree(started.url)).params))
    (view,) = await house.connections.of(OWNER)
    assert view.connection.answers["url"] == lab.url


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("https://a.example/mcp", "https://a.example/other?x=1", True),
        ("https://a.example/mcp", "https://A.example:443/mcp", True),
        ("https://a.example/mcp", "http://a.example/mcp", False),
        ("https://a.example/mcp", "https://a.example:8443/mcp", False),
        ("https://a.example/mcp", "https://b.a.example/mcp", False),
        ("https://a.example/mcp", "https://a.example@b.example/mcp", False),
    ],
)
def test_a_secret_stays_with_its_scheme_host_and_port(before: str, after: str, same: bool) -> None:
    assert same_place(HttpSpec(before), HttpSpec(after)) is same


def test_a_programs_secret_stays_with_the_program_and_the_hosts_that_it_reached() -> None:
    one = StdioSpec("postgres", ("a",), network=("tcp://db.example:5432",))
    assert same_place(one, StdioSpec("postgres", ("b",), network=one.network))
    assert not same_place(one, StdioSpec("postgres", network=("tcp://other.example:5432",)))
    assert not same_place(one, StdioSpec("redis", network=one.network))
    assert not same_place(one, HttpSpec("https://db.example/"))
