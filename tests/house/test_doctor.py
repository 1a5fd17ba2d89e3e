"""`usher doctor` and the exits of a start that cannot be: the real command against a local Slack and a local Gemini."""

import asyncio
import base64
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from mcp_runtime.secrets import MasterKey, SecretStore, Vault
from playground import gemini
from playground.gemini import LocalGemini
from playground.slack.server import LocalSlack
from storage.database import Database
from storage.engines.file_lock import InUse, alone
from storage.members import Member
from storage.tables import AuditEntry

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(tmp_path / "slack", manifest=yaml.safe_load((ROOT / "manifest.yml").read_text())) as running:
        yield running


@pytest.fixture
async def model() -> AsyncIterator[LocalGemini]:
    running = await gemini.start(pace=None)
    yield running
    await running.close()


@pytest.fixture
def env(tmp_path: Path, slack: LocalSlack, model: LocalGemini) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "GEMINI_API_KEY": "key-for-tests",
        "GOOGLE_GEMINI_BASE_URL": model.url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/usher.db",
        "PORT": "0",
    }


async def usher(env: dict[str, str], folder: Path, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", *arguments),
        env=env, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(30):
        told, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, told.decode()


async def test_all_is_well_in_a_house_that_is_set_up(env, tmp_path):
    code, told = await usher(env, tmp_path, "doctor")

    assert code == 0, told
    for subject in ("settings", "master key", "database", "Slack", "scopes", "Socket Mode", "model"):
        assert f"✓ {subject}" in told


async def test_every_trouble_has_its_line_and_its_cure(env, tmp_path, model):
    model.retired = {"gemini-2.5-flash"}
    wrong = {"SLACK_BOT_TOKEN": "xoxb-wrong", "PUBLIC_BASE_URL": "http://127.0.0.1:9", "MCP_SANDBOX_ENABLED": "false"}

    code, told = await usher(env | wrong, tmp_path, "doctor")

    assert code == 1
    assert "✗ Slack         SLACK_BOT_TOKEN: Slack refuses it (invalid_auth) → Copy" in told
    assert "! model         gemini-2.5-flash is gone; gemini-3.5-flash-lite is taken → set GEMINI_MODEL" in told
    assert "! public URL    http://127.0.0.1:9 does not answer" in told
    assert "! sandbox" in told
    assert "xoxb-wrong" not in told


async def test_a_missing_scope_is_named(tmp_path, env):
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    manifest["oauth_config"]["scopes"]["bot"].remove("im:write")

    async with LocalSlack(tmp_path / "poorer", manifest=manifest) as slack:
        code, told = await usher(env | {"SLACK_API_URL": slack.api_url}, tmp_path, "doctor")

    assert code == 1
    assert "✗ scopes        missing: im:write → add them" in told


async def test_all_that_is_wrong_in_the_settings_is_told_at_once_and_ends_it_with_2(tmp_path):
    code, told = await usher({"PATH": os.environ["PATH"], "PORT": "many"}, tmp_path)

    assert code == 2
    for variable in ("SLACK_BOT_TOKEN", "GEMINI_API_KEY", "PORT"):
        assert variable in told


@pytest.mark.parametrize("variable", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
async def test_a_token_that_slack_refuses_ends_it_with_3_and_names_the_cure(tmp_path, env, variable):
    wrong = {"SLACK_BOT_TOKEN": "xoxb-nobodys-token", "SLACK_APP_TOKEN": "xapp-nobodys-token"}[variable]

    code, told = await usher(env | {variable: wrong}, tmp_path)

    assert code == 3, told
    assert variable in told and "nobodys" not in told


async def test_an_unknown_word_shows_the_usage(tmp_path, env):
    code, told = await usher(env, tmp_path, "dance")

    assert code == 2
    assert "usher doctor" in told


async def test_a_migration_from_the_command_line_leaves_a_database_that_is_up_to_date(tmp_path, env):
    assert await usher(env, tmp_path, "migrate") == (0, "The database is up to date.\n")
    assert "✓ database      SQLite answers\n" in (await usher(env, tmp_path, "doctor"))[1]


async def test_a_start_that_waits_for_slack_can_be_stopped(tmp_path, env):
    called, never = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await never.wait()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app"),
            env=env | {"SLACK_API_URL": address},
            cwd=tmp_path,
            stderr=asyncio.subprocess.PIPE,
        )
        await asyncio.wait_for(called.wait(), 30)
        process.send_signal(signal.SIGINT)
        _, told = await asyncio.wait_for(process.communicate(), 5)
        never.set()
    assert process.returncode == 0 and b"Traceback" not in told


SECRET_KEY = base64.urlsafe_b64encode(bytes(32)).decode()


@pytest.mark.parametrize("command", [[], ["migrate"]])
async def test_a_database_that_is_not_there_is_told_in_words(tmp_path, env, postgres, command):
    missing = {"DATABASE_URL": postgres.url("nobodys"), "SECRET_KEY": SECRET_KEY}
    code, told = await usher(env | missing, tmp_path, *command)

    assert code == 2
    assert "DATABASE_URL: PostgreSQL does not answer" in told and "Traceback" not in told
    assert "✗ database      PostgreSQL does not answer" in (await usher(env | missing, tmp_path, "doctor"))[1]


async def test_a_database_that_is_not_up_to_date_is_told_in_words(tmp_path, env, postgres):
    with postgres.database() as url:
        code, told = await usher(env | {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}, tmp_path)

    assert code == 2
    assert "usher migrate" in told and "Traceback" not in told


async def test_a_file_that_another_usher_works_on_is_left_to_it(tmp_path, env):
    with alone(env["DATABASE_URL"]):
        code, told = await usher(env, tmp_path)
        with pytest.raises(InUse), alone(env["DATABASE_URL"]):
            pass

    assert code == 2
    assert "another Usher works on this file" in told and "Traceback" not in told
    with alone(env["DATABASE_URL"]):
        pass


async def test_a_port_that_is_taken_is_told_in_words(tmp_path, env, slack):
    code, told = await usher(env | {"PORT": str(slack.port)}, tmp_path)

    assert code == 2
    assert f"PORT {slack.port} cannot be listened on" in told and "Traceback" not in told


async def test_an_audit_that_was_changed_and_a_lost_master_key_are_found(tmp_path, env):
    await usher(env, tmp_path, "migrate")
    db = Database(env["DATABASE_URL"])
    async with db.begin() as tables:
        await tables.workspaces.ensure("T1")
        entry = await tables.audit.add("T1", "U1", "link.created", "l1")
        vault = Vault([MasterKey(bytes(32))])
        await SecretStore(vault).put(tables, Member("T1", "U1"), "c1", "a secret")
    await db.close()

    code, told = await usher(env, tmp_path, "doctor")
    assert code == 1
    assert "✓ audit" in told
    assert "✗ secrets       some are sealed by a master key that is not there" in told

    db = Database(env["DATABASE_URL"])
    async with db.begin() as tables:
        await tables.session.execute(sa.update(AuditEntry).where(AuditEntry.id == entry.id).values(actor="U2"))
    await db.close()
    assert "✗ audit         changed after it was written, in T1" in (await usher(env, tmp_path, "doctor"))[1]
