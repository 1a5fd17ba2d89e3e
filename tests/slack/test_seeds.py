"""What the installation has for a card: offered to its administrators, shown to nobody, followed when it is changed."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.services.cards import Shelf
from bot.settings import files
from mcp_runtime.specs import HttpSpec
from run_cards.card import RunCard
from run_cards.hosted import github, supabase
from run_cards.seeds import USE, Seeds
from storage.database import Database
from tests.support.slack import DM, MEMBER, MEMBERS_DM, NOTES_TOKEN, OWNER, SECRETS, Usher, running_usher, said

TOLD = "There is one in this installation (MCP_GITHUB_TOKEN)"


def card(url: str) -> RunCard:
    """GitHub's, led to a server that is here."""
    token = replace(github.CARD.secrets[0], check=lambda value: None if value else "This is needed.")
    return replace(github.CARD, fields=(token,), server=lambda values: HttpSpec(url))


@pytest.fixture
def mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As Kubernetes mounts secrets: names lead through ``..data`` to a folder that is replaced whole."""
    folder = tmp_path / "mounted"
    folder.mkdir()
    (folder / "mcp_github_token").symlink_to("..data/mcp_github_token")
    monkeypatch.setattr(files, "SECRET_FILES", folder)
    monkeypatch.setattr(files, "ENV_FILE", tmp_path / ".env")
    monkeypatch.delenv("MCP_GITHUB_TOKEN", raising=False)
    put(folder, "one", NOTES_TOKEN)
    return folder


def put(folder: Path, version: str, token: str) -> None:
    (folder / f"..{version}").mkdir()
    (folder / f"..{version}" / "mcp_github_token").write_text(f"{token}\n")
    (folder / "..new").symlink_to(f"..{version}")
    (folder / "..new").replace(folder / "..data")


@pytest.fixture
async def seeded(slack, client, sqlite_db, gemini, notes: str, mount: Path) -> AsyncIterator[Usher]:
    seeds = Seeds(files.variable)
    async with running_usher(slack, client, sqlite_db, gemini, cards=(card(notes),), seeds=seeds) as usher:
        yield usher


async def test_an_admin_connects_with_the_installations_token_and_never_sees_it(seeded: Usher) -> None:
    await seeded.slack.command(OWNER, DM, "/mcp connect github")
    form = await seeded.modal_with(TOLD)
    await seeded.slack.submit_view(OWNER, form["id"], {USE: {"value": ["on"]}})
    await seeded.modal_with("GitHub is connected: 4 tools now available")
    [view] = await seeded.services.connections.of(seeded.member)
    assert await SECRETS.read(seeded.services.db, seeded.member, view.connection.id) == NOTES_TOKEN
    assert NOTES_TOKEN not in str(seeded.slack.calls) + str(vars(view.connection))


async def test_an_admin_may_enter_one_of_their_own_instead(seeded: Usher) -> None:
    await seeded.slack.command(OWNER, DM, "/mcp connect github")
    form = await seeded.modal_with(TOLD)
    await seeded.slack.submit_view(OWNER, form["id"], {USE: {"value": []}})
    await seeded.modal_with("Last step")


async def test_nobody_else_is_told_of_it_or_can_use_it(seeded: Usher) -> None:
    await seeded.slack.command(MEMBER, MEMBERS_DM, "/mcp connect github")
    assert "this installation" not in said(await seeded.modal_with("Last step", MEMBER))


async def test_where_nobody_can_enter_a_token_only_who_has_the_installations_gets_a_form(
    slack, client, sqlite_db, gemini, notes: str, mount: Path
) -> None:
    nowhere = {"base_url": None, "seeds": Seeds(files.variable), "cards": (card(notes),)}
    async with running_usher(slack, client, sqlite_db, gemini, **nowhere) as usher:
        await usher.slack.command(OWNER, DM, "/mcp connect github")
        await usher.modal_with(TOLD)
        await usher.slack.command(MEMBER, MEMBERS_DM, "/mcp connect github")
        told = said(await usher.modal_with("cannot take secrets", MEMBER))
        assert "installation's token" not in told


async def test_where_tokens_are_typed_in_slack_the_installations_spares_an_admin_that(
    slack, client, sqlite_db, gemini, notes: str, mount: Path
) -> None:
    typed = {"base_url": None, "secrets_in_slack": True, "seeds": Seeds(files.variable), "cards": (card(notes),)}
    async with running_usher(slack, client, sqlite_db, gemini, **typed) as usher:
        await usher.slack.command(OWNER, DM, "/mcp connect github")
        form = await usher.modal_with(TOLD)
        [asked] = [block for block in form["blocks"] if block.get("block_id") == "token"]
        assert asked["optional"] and not asked["element"].get("initial_value") and NOTES_TOKEN not in str(form)
        answer = await usher.slack.submit_view(OWNER, form["id"], {USE: {"value": []}})
        assert answer["errors"]["token"] == "This is needed."
        await usher.slack.submit_view(OWNER, form["id"], {USE: {"value": ["on"]}})
        await usher.modal_with("GitHub is connected: 4 tools now available")


def test_a_file_that_cannot_be_read_counts_as_none_and_is_logged_once(
    mount: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (mount / "..data").unlink()
    (mount / "..data").mkdir()
    (mount / "..data" / "mcp_github_token").write_bytes(b"\xff")
    look_up = files.readable_variable()
    assert [look_up("MCP_GITHUB_TOKEN"), look_up("MCP_GITHUB_TOKEN")] == [None, None]
    assert caplog.text.count("MCP_GITHUB_TOKEN cannot be read") == 1


async def test_a_mounted_token_that_was_replaced_is_followed(seeded: Usher, mount: Path) -> None:
    await test_an_admin_connects_with_the_installations_token_and_never_sees_it(seeded)
    put(mount, "two", "a-newer-token")
    assert await seeded.services.connections.follow_installation(seeded.services.seeds) == 1
    [view] = await seeded.services.connections.of(seeded.member)
    assert await SECRETS.read(seeded.services.db, seeded.member, view.connection.id) == "a-newer-token"
    assert view.connection.version == 2
    assert await seeded.services.connections.follow_installation(seeded.services.seeds) == 0
    (mount / "..data").unlink()  # gone: what there was is kept
    assert await seeded.services.connections.follow_installation(seeded.services.seeds) == 0


def test_an_address_names_its_project_and_what_the_card_would_refuse_is_left() -> None:
    there = {"MCP_SUPABASE_URL": f"https://{'a' * 20}.supabase.co", "MCP_SUPABASE_KEY": "eyJ-of-another-kind"}
    found = Seeds(there.get).of(supabase.CARD)
    assert found.values == {"project": "a" * 20} and not found.secrets
    there["MCP_SUPABASE_KEY"] = "sbp_1"
    assert Seeds(there.get).of(supabase.CARD).secrets == {"token": "sbp_1"}
    assert "sbp_1" not in repr(Seeds(there.get).of(supabase.CARD)) + repr(Seeds(there.get).filled_in(supabase.CARD))


async def test_a_mounted_token_of_the_installations_own_card_is_followed(
    sqlite_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"name": "wiki", "title": "Wiki", "about": "Pages.", "url": "https://wiki.example.org/mcp"}
    (tmp_path / "cards.json").write_text(
        json.dumps({"cards": [{**told, "authentication": "shared", "token_file": "wiki_token"}]})
    )
    monkeypatch.setenv("MCP_CARDS_FILE", str(tmp_path / "cards.json"))
    (tmp_path / "wiki_token").write_text("first")
    shelf = Shelf(sqlite_db, files.cards_again(), files.cards_again)
    (tmp_path / "wiki_token").write_text("second")
    await shelf.load()
    assert shelf["wiki"].shared == "second" and [card.shared for card in shelf.fixed] == ["second"]
    (tmp_path / "wiki_token").unlink()
    await shelf.load()
    assert shelf["wiki"].shared == "second"


async def test_a_token_for_another_address_is_not_taken_for_this_one(
    sqlite_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"name": "wiki", "title": "Wiki", "about": "Pages.", "authentication": "shared", "token_variable": "WIKI"}
    monkeypatch.setenv("MCP_CARDS_FILE", str(tmp_path / "cards.json"))
    for host, token in (("one", "first"), ("two", "second")):
        written = {"cards": [{**told, "url": f"https://{host}.example.org/mcp"}]}
        (tmp_path / "cards.json").write_text(json.dumps(written))
        monkeypatch.setenv("WIKI", token)
        if host == "one":
            shelf = Shelf(sqlite_db, files.cards_again(), files.cards_again)
    await shelf.load()
    assert shelf["wiki"].shared == "first"
