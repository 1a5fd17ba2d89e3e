"""Each variable: what is wrong with it is told in its own line, whatever else is wrong, and its value never."""

import re
from pathlib import Path

import pytest

from bot.doctor.finding import Finding
from bot.doctor.variables import known, variables
from bot.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]
ENOUGH = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_APP_TOKEN": "xapp-1-a", "GEMINI_API_KEY": "key"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable and no .env of ours."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def found(**changes: str) -> list[Finding]:
    return [each for each in variables(known({**ENOUGH, **changes})) if each.state != "ok"]


def test_a_token_of_the_installation_that_no_card_would_take_is_told_and_never_shown() -> None:
    assert found(MCP_GITHUB_TOKEN=f"ghp_{'a' * 36}", MCP_SUPABASE_KEY="sbp_" + "a" * 40) == []
    told = found(MCP_GITHUB_TOKEN="Bearer of news", MCP_SUPABASE_URL="supabase")
    assert {(each.state, each.found.partition(" is of no use: ")[0]) for each in told} == {
        ("warn", "MCP_GITHUB_TOKEN"),
        ("warn", "MCP_SUPABASE_URL"),
    }
    assert "of news" not in str(told) and "leave it out" in told[0].cure


def test_one_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mcp_github_token").write_bytes(b"\xff\xfe")
    monkeypatch.setattr("bot.settings.files.SECRET_FILES", tmp_path)
    for name, value in ENOUGH.items():
        monkeypatch.setenv(name, value)
    told = [each.found for each in variables(known()) if "GitHub" in each.found]
    assert told and "UTF-8" in told[0]


PLACEHOLDERS = [
    *("xoxb-...", "xoxb-…", "xapp-...", "xapp-1-...", "changeme", "CHANGE_ME", "change-me", "<your token>", "<token>"),
    *("xoxb-<your token>", "xoxb-your-token", "xoxb-your-token-here", "your_key_here", "YOUR-API-KEY", "yourtoken"),
    *("xxx", "xoxb-xxxxxxxx", "TODO", "replace me", "replace-this", "put your key here", "<SLACK_BOT_TOKEN>", "****"),
]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HOST", "localhost"),
        ("ALLOW_PRIVATE_MCP_HOSTS", "my-server.lan:8080"),
        ("MCP_UNSANDBOXED_CARDS", "my-notes"),
        ("GEMINI_MODEL", "my-model"),
        ("GEMINI_API_KEY", "my-key-of-litellm"),
        ("DATABASE_URL", "postgresql+asyncpg://u:p<b>c@h/db"),
        ("SECRET_KEY", "my-" + "A" * 40 + "="),
        ("SECRET_KEY", "put-" + "A" * 39 + "="),
    ],
)
def test_a_value_that_only_begins_like_a_placeholder_is_one(variable, value):
    assert "placeholder" not in str(found(**{"SECRET_KEY": "A" * 43 + "=", variable: value}))


@pytest.mark.parametrize("variable", ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "GEMINI_API_KEY", "PUBLIC_BASE_URL"])
@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_a_placeholder_is_known_in_every_variable(variable, value):
    told = found(**{variable: value})

    assert [(each.state, each.found) for each in told] == [
        ("bad", f"{variable} still holds a placeholder instead of a value of yours")
    ]
    with pytest.raises(SettingsError):
        Settings.read({**ENOUGH, variable: value})


@pytest.mark.parametrize(
    "value", ["AIzaSyD-your9x", "AQ.Ab8RN6xxxK", "todo-list-key", "key-for-tests", "offline-demo", "exchange-me-not"]
)
def test_a_value_that_only_looks_a_little_like_one_is_taken(value):
    assert found(GEMINI_API_KEY=value) == []


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1-A1-2-abc", "holds the app-level token, which belongs into SLACK_APP_TOKEN"),
        ("SLACK_APP_TOKEN", "xoxb-1-2-abc", "holds the bot token, which belongs into SLACK_BOT_TOKEN"),
        ("SLACK_BOT_TOKEN", "xoxp-1-2-abc", "holds a user token (xoxp-)"),
        ("SLACK_BOT_TOKEN", "xoxe.xoxb-1-abc", "holds a token of token rotation"),
        ("SLACK_BOT_TOKEN", "AIzaSyabc", "holds a key of Google's, which belongs into GEMINI_API_KEY"),
        ("SLACK_SIGNING_SECRET", "xoxb-1-2-abc", "holds the bot token"),
        ("SLACK_SIGNING_SECRET", "A1234567890.1234", "is not of its shape, 32 characters"),
        ("GEMINI_API_KEY", "xoxb-1-2-abc", "holds the bot token"),
        ("GEMINI_API_KEY", "AIza Syabc", "has a space or a line break inside"),
        ("SLACK_BOT_TOKEN", "xoxb-1-2-\nabc", "has a space or a line break inside"),
        ("SLACK_BOT_TOKEN", '"xoxb-1-2-abc"', "stands in quotation marks"),
        ("GEMINI_API_KEY", "'AIzaSyabc'", "stands in quotation marks"),
        ("DATABASE_URL", "“sqlite+aiosqlite:///usher.db”", "stands in quotation marks"),
    ],
)
def test_what_was_put_in_the_wrong_place_or_copied_badly_is_told(variable, value, said):
    [told] = found(**{variable: value})

    assert told.bad and told.found.startswith(f"{variable} {said}") and told.cure
    assert value not in told.found + told.cure


@pytest.mark.parametrize("value", [" xoxb-1-a", "xoxb-1-a \n", "\txoxb-1-a"])
def test_blanks_around_a_value_do_no_harm(value):
    assert Settings.read({**ENOUGH, "SLACK_BOT_TOKEN": value}).slack_bot_token.get_secret_value() == "xoxb-1-a"


def test_every_line_of_the_example_that_is_not_a_default_is_known_as_such(tmp_path):
    example = (ROOT / ".env.example").read_text()
    lines = re.findall(r"^#?([A-Z][A-Z0-9_]+)=(.+)$", example, re.M)
    defaults = {name.upper(): field.default for name, field in Settings.model_fields.items()}
    ours = [(name, value) for name, value in lines if str(defaults[name]).lower() != value]

    assert len(ours) >= 5
    for name, value in ours:
        assert [each for each in found(**{name: value}) if name in each.found], name


def test_all_that_is_wrong_is_told_and_the_rest_can_still_be_used():
    now = known({"PORT": "many", "DATABASE_URL": "mysql://h", "SLACK_CLIENT_ID": "1.2", "GEMINI_MODEL": "of-mine"})

    assert set(now.wrong) == {
        *("PORT", "DATABASE_URL", "SLACK_BOT_TOKEN", "GEMINI_API_KEY", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_SECRET"),
    }
    assert now.settings.gemini_model == "of-mine" and now.settings.port == 8080
    assert now.lacks("SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", "PORT", "HOST") == [
        "SLACK_APP_TOKEN",
        "SLACK_BOT_TOKEN",
        "PORT",
    ]


def test_on_postgresql_without_a_key_all_but_the_key_is_checked():
    now = known({**ENOUGH, "DATABASE_URL": "postgresql+asyncpg://u@h/usher"})

    [told] = [each for each in variables(now) if each.bad]
    assert told.found == "SECRET_KEY has to be set on PostgreSQL" and "base64" in told.cure
    assert now.settings.is_postgres


def test_an_address_of_the_network_needs_a_public_one():
    [told] = found(HOST="10.0.0.7")
    assert told.found.startswith("PUBLIC_BASE_URL has to be set when HOST is an address of the network")
    assert found(HOST="0.0.0.0") == found(HOST="::1") == found(HOST="10.0.0.7", PUBLIC_BASE_URL="https://u.test") == []


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:8080"), ("::", "http://[::1]:8080"), ("localhost", "http://localhost:8080")],
)
def test_this_machine_is_reached_by_a_loopback_address_wherever_usher_listens(host, url):
    assert Settings.read({**ENOUGH, "HOST": host}).own_url == url


def test_the_file_is_read_and_what_is_off_in_it_is_told():
    Path(".env").write_text(
        "SLACK_BOT_TOKEN=xoxb-1-a\nexport SLACK_APP_TOKEN=xapp-1-a\nGEMINI_APIKEY=key\nOTHER_KEY=1\n"
    )
    Path(".env").chmod(0o644)

    told = "\n".join(f"{each.found} → {each.cure}" for each in variables(known()))

    assert "GEMINI_API_KEY is not set" in told
    assert "GEMINI_APIKEY in .env is not known → did you mean GEMINI_API_KEY?" in told
    assert ".env can be read by other accounts of this machine → chmod 600 .env" in told
    assert "OTHER_KEY" not in told and "there is no .env" not in told


def test_the_environment_is_read_as_usher_itself_reads_it(monkeypatch):
    Path(".env").write_text("PORT=1111\nGEMINI_MODEL=of-the-file\n")
    monkeypatch.setenv("PORT", "2222")
    for name, value in ENOUGH.items():
        monkeypatch.setenv(name, value)

    assert known().settings.model_dump() == Settings.read().model_dump()
    assert (known().settings.port, known().settings.gemini_model) == (2222, "of-the-file")


def test_a_file_that_cannot_be_read_is_told_and_the_environment_is_used(monkeypatch):
    Path(".env").write_bytes(b"GEMINI_API_KEY=\xff\xfe\n")
    Path(".env").chmod(0o600)
    for name, value in ENOUGH.items():
        monkeypatch.setenv(name, value)

    [told] = [each for each in variables(known()) if each.bad]
    assert told.found == ".env (or a file with a secret) has to be text in UTF-8" and told.cure
    assert known().settings.gemini_api_key.get_secret_value() == "key"
    with pytest.raises(SettingsError, match=r"\.env .* has to be text"):
        Settings.read()


def test_a_secret_file_that_cannot_be_read_is_told_and_the_environment_is_used(monkeypatch, tmp_path):
    (tmp_path / "gemini_api_key").mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    for name, value in ENOUGH.items():
        monkeypatch.setenv(name, value)

    [told] = [each for each in variables(known()) if each.bad]
    assert "gemini_api_key" in told.found.lower() and told.cure
    assert known().settings.gemini_model == "gemini-2.5-flash"


@pytest.mark.parametrize(("token", "state"), [("wiki-token", []), ("", ["bad"])])
def test_the_variable_that_a_card_of_the_installation_names_is_looked_up_too(monkeypatch, tmp_path, token, state):
    (tmp_path / "cards.yaml").write_text(
        "cards: [{name: wiki, title: Wiki, about: Search it., url: https://wiki.example.org/mcp,"
        " authentication: shared, token_variable: WIKI_TOKEN}]"
    )
    for name, value in {**ENOUGH, "MCP_CARDS_FILE": "cards.yaml", "WIKI_TOKEN": token}.items():
        monkeypatch.setenv(name, value)

    told = [each for each in variables(known()) if "MCP_CARDS_FILE" in each.found]

    assert [each.state for each in told] == state


def test_the_doctor_tells_a_proxy_that_cannot_be_used_and_goes_on() -> None:
    (told,) = found(all_proxy="socks5://user:pw-secret@proxy:1080")
    assert told.bad and told.found == "all_proxy names a SOCKS proxy, and Usher can use HTTP proxies only"
    assert "HTTPS_PROXY" in told.cure
    assert "pw-secret" not in repr(told)
