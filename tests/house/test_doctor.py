"""`usher doctor` and the exits of a start that cannot be: the real command against a local Slack and a local Gemini."""

import asyncio
import base64
import io
import json
import os
import shlex
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from aiohttp import web

from bot.doctor import checks, key_refused, local_checks, telling
from bot.doctor.checks import examined
from bot.doctor.finding import bad, ok
from bot.doctor.model_check import model as model_check
from bot.doctor.price_check import price
from bot.doctor.variables import known
from bot.settings import Settings
from mcp_runtime.sandbox import Level, Sandbox
from mcp_runtime.secrets import MasterKey, SecretStore, Vault
from playground import gemini
from playground.gemini import LocalGemini
from playground.slack.server import LocalSlack
from storage.database import Database
from storage.engines.file_lock import InUse, alone
from storage.members import Member
from storage.tables import AuditEntry
from tests.support.accepting import accepting
from tests.support.audit import keys_beside

ROOT = Path(__file__).parents[2]
SECRET_KEY = base64.urlsafe_b64encode(bytes(32)).decode()
SCOPES = frozenset(yaml.safe_load((ROOT / "manifest.yml").read_text())["oauth_config"]["scopes"]["bot"])
LAST_DAY, GONE = date(2026, 11, 30), date(2026, 12, 1)
ENOUGH = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_APP_TOKEN": "xapp-1-a", "GEMINI_API_KEY": "key"}


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
        "GEMINI_MODEL": "gemini-3.5-flash-lite",
        "GEMINI_FALLBACK_MODEL": "gemini-3.8-flash",
        "GOOGLE_GEMINI_BASE_URL": model.url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/usher.db",
        "PORT": "0",
    }


async def usher(env: dict[str, str], folder: Path, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", *arguments),
        env={"PYTHONPATH": str(ROOT)} | env, cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(60):
        told, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, told.decode(env.get("PYTHONIOENCODING", "utf-8"))


Consult = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def consult(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Consult:
    """`usher doctor` with these variables and no others, in this process: its exit code, and what it says."""

    async def consulted(env: dict[str, str], *, as_json: bool = False) -> tuple[int, str]:
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        code = await telling.consult(SCOPES, as_json=as_json)
        return code, capsys.readouterr().out

    return consulted


async def diagnosed(env: dict[str, str], scopes: frozenset[str] = frozenset()) -> str:
    """What the doctor says, without a process of its own."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    found = [finding async for finding in examined(known(env), scopes, lambda subject, seconds: None)]
    return "\n".join(telling.line(each, stream) for each in found)


@asynccontextmanager
async def _served(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_the_way_back_from_slacks_sign_in_is_named(env: dict[str, str]) -> None:
    app = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "hush"}
    at = {"PUBLIC_BASE_URL": "https://usher.example/"}
    assert "sign in with Slack, where https://usher.example/members/slack/callback" in await diagnosed(env | app | at)
    assert "lead nobody back" in (told := await diagnosed(env | app)) and "set PUBLIC_BASE_URL" in told
    assert "sign-in" not in await diagnosed(env | at)


async def test_where_workspaces_install_it_the_apps_id_and_secret_are_tried(
    env: dict[str, str], slack: LocalSlack
) -> None:
    del env["SLACK_BOT_TOKEN"]
    app = {"SLACK_CLIENT_ID": slack.openid.client_id, "SLACK_CLIENT_SECRET": slack.openid.client_secret}
    many = env | app | {"PUBLIC_BASE_URL": "https://usher.example"}
    told = await diagnosed(many)
    assert "install it at https://usher.example/slack/install" in told and "✓ Socket Mode" in told
    assert "! install" in told and "name those that may in SLACK_ALLOWED_WORKSPACES" in told
    assert "✓ install       1 may" in await diagnosed(many | {"SLACK_ALLOWED_WORKSPACES": "T0LOCAL"})
    assert "✗ Slack         SLACK_CLIENT_SECRET is not that" in await diagnosed(many | {"SLACK_CLIENT_SECRET": "other"})


async def test_slackbot_that_cannot_be_believed_or_come_is_told(env: dict[str, str], tmp_path: Path) -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    granted = {*SCOPES, "mcp:connect"}
    secret, at = {"SLACK_SIGNING_SECRET": "0123456789abcdef" * 2}, {"PUBLIC_BASE_URL": "https://usher.example"}
    assert "Slackbot" not in await diagnosed(env | secret | at)
    async with LocalSlack(tmp_path / "slackbot", manifest=manifest, granted=granted) as slack:
        theirs = env | {
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
        }
        assert "without SLACK_SIGNING_SECRET nothing of Slackbot's" in await diagnosed(theirs | at)
        assert "PUBLIC_BASE_URL is not an address that Slack reaches" in await diagnosed(theirs | secret)
        assert "uses Usher at https://usher.example/mcp" in await diagnosed(theirs | secret | at)


async def test_all_is_well_in_a_house_that_is_set_up(env, tmp_path, model):
    code, told = await usher(env, tmp_path, "doctor")

    assert code == 0, told
    for subject in ("settings", "master key", "database", "disk", "Slack", "scopes", "Socket Mode", "model"):
        assert f"✓ {subject}" in told
    assert [asked.path for asked in model.asked] == ["/v1/models/gemini-3.5-flash-lite:countTokens"]
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "slack") == []


async def test_every_trouble_has_its_line_and_its_cure(env, model, consult):
    model.retired = {"gemini-3.5-flash-lite"}
    wrong = {"SLACK_BOT_TOKEN": "xoxb-wrong", "PUBLIC_BASE_URL": "http://127.0.0.1:9", "MCP_SANDBOX_ENABLED": "false"}

    code, told = await consult(env | wrong)

    assert code == 1
    assert "✗ Slack         SLACK_BOT_TOKEN: Slack refuses it (invalid_auth) → Copy" in told
    assert "! model         gemini-3.5-flash-lite is gone; gemini-3.8-flash is taken → set GEMINI_MODEL" in told
    assert "! public URL    http://127.0.0.1:9 does not answer" in told
    assert "! sandbox" in told
    assert "1 to mend, 3 to know" in told
    assert "xoxb-wrong" not in told


@pytest.mark.parametrize(("level", "says"), [("reduced", "have no network"), ("none", "are refused; those over HTTP")])
async def test_the_level_of_the_sandbox_is_told_with_its_cure(level, says, monkeypatch):
    async def probed(self):
        return Level(level, "allow user namespaces")

    monkeypatch.setattr(Sandbox, "probe", probed)
    (finding,) = await local_checks.sandbox(Settings.read(ENOUGH))
    assert finding.state == "warn" and says in finding.found and finding.cure == "allow user namespaces"


@pytest.mark.parametrize(("level", "state"), [("full", "ok"), ("reduced", "ok"), ("none", "warn"), ("off", "warn")])
async def test_programs_of_admins_own_are_told_where_they_are_allowed(level, state, monkeypatch):
    async def probed(self):
        return Level(level, "allow user namespaces")

    monkeypatch.setattr(Sandbox, "probe", probed)
    off = await local_checks.sandbox(Settings.read(ENOUGH))
    on = await local_checks.sandbox(Settings.read(ENOUGH | {"MCP_CUSTOM_COMMANDS": "true"}))
    assert [each.subject for each in off] == ["sandbox"] and [each.subject for each in on] == ["sandbox", "commands"]
    assert on[1].state == state and "sandbox alone" in on[1].found


async def test_only_warnings_are_no_failure(env, consult):
    code, told = await consult(env | {"ALLOW_SECRETS_IN_SLACK": "true"})

    assert code == 0
    assert "! settings      ALLOW_SECRETS_IN_SLACK is on" in told
    assert "! public URL    PUBLIC_BASE_URL is not set" in told


async def test_what_can_still_be_checked_is_checked_and_the_rest_says_what_to_mend_first(env, consult):
    code, told = await consult(env | {"SLACK_BOT_TOKEN": "xoxb-...", "PORT": "many"})

    assert code == 1
    assert "✗ settings      SLACK_BOT_TOKEN still holds a placeholder" in told
    assert "✗ settings      PORT has to be a whole number" in told
    assert "– Slack         not asked → first mend SLACK_BOT_TOKEN, above" in told
    assert "– public URL    not asked → first mend PORT, above" in told
    assert "✓ Socket Mode" in told and "✓ database" in told and "✓ model" in told
    assert "2 to mend, 2 not asked yet" in told


async def test_without_any_variable_everything_has_its_line(consult):
    code, told = await consult({})

    assert code == 1
    assert "there is no .env in this folder → `usher slack create` makes one; or cp .env.example .env" in told
    for variable in ("SLACK_BOT_TOKEN is not set", "SLACK_APP_TOKEN (for Socket Mode)", "GEMINI_API_KEY is not set"):
        assert f"{variable}" in told
    for subject in ("Slack", "Socket Mode", "HTTP mode", "model"):
        assert f"– {subject}" in told
    assert "✓ database      the first start makes the SQLite file" in told


async def test_for_programs_there_is_one_object_a_line(env, consult):
    code, told = await consult(env | {"GEMINI_MODEL": "no-such", "GEMINI_FALLBACK_MODEL": "nor-this"}, as_json=True)

    found = {each["subject"]: each for each in map(json.loads, told.splitlines())}
    assert code == 1
    assert found["model"]["state"] == "bad" and found["model"]["cure"] == "set GEMINI_MODEL to one that is"
    assert found["Slack"]["state"] == "ok"


@pytest.mark.parametrize(
    ("failure", "line"),
    [
        (
            gemini.Failure(400, "INVALID_ARGUMENT", "API key not valid."),
            "✗ model         Gemini refuses GEMINI_API_KEY",
        ),
        (
            gemini.Failure(429, "RESOURCE_EXHAUSTED", "quota", [{"violations": [{"quotaId": "RequestsPerDay"}]}]),
            "✗ model         the key's quota for today is used up",
        ),
        (gemini.Failure(429, "RESOURCE_EXHAUSTED", "slow down"), "! model         the key is good and asked too often"),
        (gemini.Failure(503, "UNAVAILABLE", "overloaded"), "! model         Gemini has troubles of its own (503)"),
    ],
)
async def test_what_gemini_says_to_the_free_question_is_told_in_words(failure, line):
    async def refuse(request: web.Request) -> web.Response:
        return failure.response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    async with _served(app) as url:
        settings = Settings.read({**ENOUGH, "GEMINI_API_KEY": "key-for-tests", "GOOGLE_GEMINI_BASE_URL": url})
        [found] = await model_check(settings)
    assert telling.line(found, sys.stdout).startswith(line)
    assert "key-for-tests" not in str(found)


async def test_a_server_that_counts_no_tokens_is_asked_whether_it_has_the_model():
    async def there(_: web.Request) -> web.Response:
        return web.json_response({"name": "models/any"})

    app = web.Application()
    app.router.add_get("/v1/models/{name}", there)
    async with _served(app) as url:
        [found] = await model_check(Settings.read({**ENOUGH, "GOOGLE_GEMINI_BASE_URL": url}), lambda: GONE)
    assert (found.state, found.found) == ("ok", "gemini-3.5-flash-lite answers")


@pytest.mark.parametrize(
    ("chosen", "today", "state", "words"),
    [
        ({}, LAST_DAY, "ok", "gemini-2.5-flash answers; it is shut down on 2026-12-01, and gemini-3.5-flash-lite"),
        ({}, GONE, "ok", "gemini-3.5-flash-lite answers"),
        ({"GEMINI_MODEL": "gemini-2.5-flash"}, LAST_DAY, "warn", "answers, and is shut down on 2026-12-01"),
        ({"GEMINI_MODEL": "gemini-2.5-flash"}, GONE, "warn", "shut down on 2026-12-01; gemini-3.5-flash-lite is asked"),
        ({"GEMINI_MODEL": "gemini-3.8-flash"}, GONE, "ok", "gemini-3.8-flash answers"),
    ],
)
async def test_the_last_day_of_a_model_is_told_before_and_after(model, chosen, today, state, words):
    if today == GONE:
        model.retired = {"gemini-2.5-flash"}
    settings = Settings.read({**ENOUGH, **chosen, "GOOGLE_GEMINI_BASE_URL": model.url})
    [found] = await model_check(settings, lambda: today)
    assert found.state == state and words in found.found
    assert ("GEMINI_MODEL=gemini-3.5-flash-lite" in found.cure) is (state == "warn")
    assert len(model.asked) == 1, "no question is lost on a model that is gone"


@pytest.mark.parametrize(("name", "told"), [("gemini-3.8-flash", []), ("gemini-9-ultra", ["gemini-9-ultra"])])
async def test_a_model_of_which_nobody_knows_the_price_is_told(name, told):
    found = await price(known({**ENOUGH, "GEMINI_MODEL": name}).settings)
    assert [name for each in found if name in each.found and each.state == "warn"] == told


async def test_a_key_is_tried_before_it_is_kept(env, model, monkeypatch, tmp_path):
    model.keys = {"good"}
    monkeypatch.chdir(tmp_path)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert (await key_refused("bad")).startswith("Gemini refuses GEMINI_API_KEY (400): make a key in Google AI Studio")
    assert await key_refused("good") == ""
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:9")
    assert await key_refused("bad") == "", "nobody knows, so it is not refused"


async def test_a_missing_scope_is_named(tmp_path, env, consult):
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    manifest["oauth_config"]["scopes"]["bot"].remove("im:write")

    async with LocalSlack(tmp_path / "poorer", manifest=manifest) as slack:
        code, told = await consult(env | {"SLACK_API_URL": slack.api_url})

    assert code == 1
    assert (
        "✗ scopes        missing: im:write → let `usher slack update` add them" in told and "reinstall the app" in told
    )


async def test_an_installation_older_than_the_hints_in_threads_is_told_and_not_refused(tmp_path, env, consult):
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    granted = {*manifest["oauth_config"]["scopes"]["bot"]} - {"channels:history", "groups:history"}

    async with LocalSlack(tmp_path / "older", manifest=manifest, granted=granted) as slack:
        code, told = await consult(env | {"SLACK_API_URL": slack.api_url})

    assert code == 0
    assert "! scopes        without channels:history and groups:history I read no thread" in told


async def test_an_installation_that_may_not_look_at_channels_is_told_and_not_refused(tmp_path, env, consult):
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    granted = {*manifest["oauth_config"]["scopes"]["bot"]} - {"channels:read", "groups:read"}

    async with LocalSlack(tmp_path / "older", manifest=manifest, granted=granted) as slack:
        code, told = await consult(env | {"SLACK_API_URL": slack.api_url})

    assert code == 0
    assert "! scopes        without channels:read and groups:read guests' chats can be followed in direct" in told


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("socket_mode_not_enabled", "✗ Socket Mode   Socket Mode is off for this app → turn it on"),
        ("missing_scope", "✗ Socket Mode   SLACK_APP_TOKEN lacks the scope connections:write → make a new one"),
        ("invalid_auth", "✗ Socket Mode   SLACK_APP_TOKEN: Slack refuses it (invalid_auth) → Make an app-level token"),
    ],
)
async def test_why_socket_mode_does_not_work_is_told(env, slack, code, line):
    slack.will_refuse("apps.connections.open", code)

    assert line in await diagnosed(env)


async def test_two_tokens_of_two_apps_are_found_out(env, slack):
    other = "xapp-1-A0OTHERAPP-123-abc"
    slack._api._tokens = slack._api._tokens._replace(app=other)

    told = await diagnosed(env | {"SLACK_APP_TOKEN": other})

    assert "✗ Slack         SLACK_BOT_TOKEN and SLACK_APP_TOKEN are of two different apps" in told
    assert "✓ Socket Mode" in told and "A0OTHERAPP" not in told


@pytest.mark.parametrize(("seconds", "mark"), [(90, "!"), (400, "✗")])
async def test_a_clock_that_is_wrong_is_measured_against_slacks(tmp_path, env, seconds, mark):
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    slack = LocalSlack(tmp_path / "elsewhere", manifest=manifest)

    async def shift(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)

    slack.app.on_response_prepare.append(shift)
    async with slack:
        here = {"SLACK_API_URL": slack.api_url, "SLACK_SIGNING_SECRET": "0123456789abcdef" * 2}
        told = await diagnosed(env | here)
    assert f"{mark} clock         this machine's clock and Slack's are" in told


async def test_no_part_of_a_secret_is_ever_told(env, tmp_path, slack):
    """Good ones, bad ones, and ones in each other's place."""
    secret = "s3cr3t-part-of-it"
    tokens = {"SLACK_BOT_TOKEN": f"xoxb-{secret}", "SLACK_APP_TOKEN": f"xapp-1-A0{secret}", "GEMINI_API_KEY": secret}
    urls = {"DATABASE_URL": f"postgresql+asyncpg://{secret}:{secret}@127.0.0.1:9/x", "SECRET_KEY": SECRET_KEY}
    swapped = {"SLACK_BOT_TOKEN": f"xapp-{secret}", "SLACK_APP_TOKEN": f"xoxp-{secret}", "SECRET_KEY": secret}
    broken = {"DATABASE_URL": f"mysql://{secret}", "PUBLIC_BASE_URL": f"https://{secret}:x@h", "PORT": secret}
    for wrong in (tokens, urls, swapped, broken, {"SLACK_SIGNING_SECRET": secret}):
        told = await diagnosed(env | wrong)
        assert "✗" in told or "!" in told
        for part in ("s3cr3t", "part-of", SECRET_KEY[:12], slack.bot_token, slack.app_token, "key-for-tests"):
            assert part not in told


async def test_what_is_waited_for_is_said_and_given_up(env, monkeypatch):
    monkeypatch.setattr("bot.doctor.checks.LOOK_EVERY", 0.01)
    monkeypatch.setattr("bot.doctor.checks.PATIENCE", 1.0)
    every = checks._all
    monkeypatch.setattr(checks, "_all", lambda *given: [each for each in every(*given) if each.subject == "Slack"])
    never, waited = asyncio.Event(), []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    async with accepting(silent) as port:
        hung = env | {"SLACK_API_URL": f"http://127.0.0.1:{port}/api"}
        told = [each async for each in examined(known(hung), frozenset(), lambda subject, _: waited.append(subject))]
        never.set()
    assert "Slack" in waited
    [slow] = [each for each in told if each.subject == "Slack"]
    assert slow.bad and slow.found.startswith("no answer within") and slow.cure


def test_progress_is_for_terminals_and_leaves_nothing_behind():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        progress = telling.Progress(stream)
        progress.waiting("Slack", 3.2)
        assert ("waiting for: Slack (3 s)" in stream.getvalue()) is shown
        progress.over()
        assert stream.getvalue().endswith(telling.CLEAR if shown else "")


async def test_all_of_it_hanging_is_told_all_the_same(tmp_path, env):
    """Slack and Gemini take the connection and say nothing; the name server is silent."""
    never = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    (tmp_path / "sitecustomize.py").write_text(
        "import socket, time\nreal = socket.getaddrinfo\n"
        "def slow(host, *rest, **more):\n"
        "    if str(host).endswith('.invalid'): time.sleep(100)\n"
        "    return real(host, *rest, **more)\n"
        "socket.getaddrinfo = slow\n"
    )
    async with accepting(silent) as port:
        hung = f"http://127.0.0.1:{port}"
        wrong = {
            "SLACK_API_URL": f"{hung}/api",
            "GOOGLE_GEMINI_BASE_URL": hung,
            "PUBLIC_BASE_URL": "https://usher.invalid",
        }
        nowhere = {"DATABASE_URL": "postgresql+asyncpg://u@db.invalid/usher", "SECRET_KEY": SECRET_KEY}
        path = {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
        code, told = await usher(env | wrong | nowhere | path, tmp_path, "doctor")
        never.set()
    assert code == 1
    subjects = [line[2:16].strip() for line in told.splitlines()[:-1]]
    assert [each for each in subjects if each not in ("master key", "sandbox")] == [
        *("settings", "database", "Slack", "Socket Mode", "model", "public URL", "secret store"),
    ]


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8", "✓"), ("ascii", "+"), ("iso-8859-1", "+")])
def test_the_marks_can_be_read_wherever_they_are_written(encoding, mark):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert telling.line(ok("disk", "room"), stream) == f"{mark} disk          room"


@pytest.mark.parametrize(
    ("terminal", "variable", "coloured"), [(True, "", True), (True, "1", False), (False, "", False)]
)
def test_there_is_colour_on_a_terminal_unless_it_is_not_wanted(monkeypatch, terminal, variable, coloured):
    monkeypatch.setenv("NO_COLOR", variable)
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)

    told = telling.line(bad("disk", "full", "make room"), stream)

    assert told == ("\x1b[31m✗\x1b[0m" if coloured else "✗") + " disk          full → make room"


async def test_a_reader_that_goes_away_is_no_error(tmp_path, env):
    shell = f"{shlex.quote(sys.executable)} -m app doctor 2>&1 | head -n 1"
    process = await asyncio.create_subprocess_shell(
        shell, env=env | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    told = (await process.communicate())[0].decode()
    assert told == "✓ settings      every variable can be used\n"


async def test_all_that_is_wrong_in_the_settings_is_told_at_once_and_ends_it_with_2(tmp_path):
    code, told = await usher({"PATH": os.environ["PATH"], "PORT": "many"}, tmp_path)

    assert code == 2
    for variable in ("SLACK_BOT_TOKEN", "GEMINI_API_KEY", "PORT", "`usher slack create` sets Slack up"):
        assert variable in told


@pytest.mark.parametrize("variable", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
async def test_a_token_that_slack_refuses_ends_it_with_3_and_names_the_cure(tmp_path, env, variable):
    wrong = {"SLACK_BOT_TOKEN": "xoxb-nobodys-token", "SLACK_APP_TOKEN": "xapp-nobodys-token"}[variable]

    code, told = await usher(env | {variable: wrong}, tmp_path)

    assert code == 3, told
    assert variable in told and "nobodys" not in told


async def test_a_migration_from_the_command_line_leaves_a_database_that_is_up_to_date(tmp_path, env):
    assert await usher(env, tmp_path, "migrate") == (0, "The database is up to date.\n")
    assert "✓ database      SQLite answers, is up to date and can be written to\n" in await diagnosed(env)


async def test_a_start_that_waits_for_slack_can_be_stopped(tmp_path, env):
    called, never = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await never.wait()
        writer.close()

    async with accepting(silent) as port:
        address = f"http://127.0.0.1:{port}/api/"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app"),
            env=env | {"SLACK_API_URL": address},
            cwd=tmp_path,
            stderr=asyncio.subprocess.PIPE,
        )
        await asyncio.wait_for(called.wait(), 60)
        process.send_signal(signal.SIGINT)
        _, told = await asyncio.wait_for(process.communicate(), 60)
        never.set()
    assert process.returncode == 0 and b"Traceback" not in told


@pytest.mark.parametrize("command", [[], ["migrate"]])
async def test_a_database_that_is_not_there_is_told_in_words(tmp_path, env, postgres, command):
    missing = {"DATABASE_URL": postgres.url("nobodys"), "SECRET_KEY": SECRET_KEY}
    code, told = await usher(env | missing, tmp_path, *command)

    assert code == 2
    assert "DATABASE_URL: PostgreSQL does not answer" in told and "Traceback" not in told
    assert "✗ database      PostgreSQL has no database of that name → createdb" in await diagnosed(env | missing)


async def test_a_database_that_is_not_up_to_date_is_told_in_words(tmp_path, env, postgres):
    with postgres.database() as url:
        code, told = await usher(env | {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}, tmp_path)

    assert code == 2
    assert "usher migrate" in told and "Traceback" not in told


async def test_a_database_that_cannot_be_written_to_is_found_out(env, postgres, postgres_url):
    name = sa.make_url(postgres_url).database
    postgres.psql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')

    told = await diagnosed(env | {"DATABASE_URL": postgres_url, "SECRET_KEY": SECRET_KEY})

    assert "✗ database      PostgreSQL answers and cannot be written to" in told and "the right to write" in told


async def test_a_database_of_a_newer_usher_is_told_from_one_that_is_behind(env, database_url):
    db = Database(database_url)
    async with db.begin() as tables:
        await tables.session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    await db.close()

    told = await diagnosed(env | {"DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY})
    assert "was brought up to 9999 by a newer Usher; this one knows" in told


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("postgresql+asyncpg://u:pw-secret@127.0.0.1:9/usher", "PostgreSQL does not listen at that address → start it"),
        ("postgresql+asyncpg://u:pw-secret@/usher?host=/nowhere", "PostgreSQL has no socket at that path"),
        ("sqlite+aiosqlite:///{folder}/no/such/usher.db", "there is no folder {folder}/no/such → mkdir -p"),
        ("sqlite+aiosqlite:///{folder}/text.db", "SQLite finds no database in its file"),
        ("sqlite+aiosqlite:///{folder}", "SQLite cannot open its file"),
    ],
)
async def test_what_is_wrong_with_a_database_is_told_with_its_cure(env, tmp_path, url, line):
    (tmp_path / "text.db").write_text("this is no database, but a text " * 100)

    told = await diagnosed(env | {"DATABASE_URL": url.format(folder=tmp_path), "SECRET_KEY": SECRET_KEY})

    assert f"✗ database      {line.format(folder=tmp_path)}" in told
    assert "pw-secret" not in told


@pytest.mark.parametrize(("megabytes", "mark"), [(50, "✗"), (500, "!"), (5000, "✓")])
async def test_a_disk_that_fills_up_is_told_in_time(env, monkeypatch, megabytes, mark):
    usage = shutil._ntuple_diskusage(10**12, 10**12, megabytes << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    assert f"{mark} disk" in await diagnosed(env)


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
    code, told = await usher(env | {"MONITORING_ADDRESS": f"127.0.0.1:{slack.port}"}, tmp_path)
    assert code == 2 and f"MONITORING_ADDRESS 127.0.0.1:{slack.port} cannot be listened on" in told


async def test_an_audit_that_was_changed_and_a_lost_master_key_are_found(tmp_path, env):
    await usher(env, tmp_path, "migrate")
    db = Database(env["DATABASE_URL"], keys_beside(env["DATABASE_URL"]))
    async with db.begin() as tables:
        await tables.workspaces.ensure("T1")
        entry = await tables.audit.add("T1", "U1", "link.created", "l1")
        vault = Vault([MasterKey(bytes(32))])
        await SecretStore(vault).put(tables, Member("T1", "U1"), "c1", "a secret")
    await db.close()

    told = await diagnosed(env)
    assert "✓ audit" in told
    assert "✗ secrets       some are sealed by a master key that is not there" in told

    db = Database(env["DATABASE_URL"])
    async with db.begin() as tables:
        await tables.session.execute(sa.update(AuditEntry).where(AuditEntry.number == entry.number).values(actor="U2"))
    await db.close()
    assert "✗ audit         changed after it was written, in T1 (entry 1: its columns" in await diagnosed(env)
