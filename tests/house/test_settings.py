from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, rules
from bot.settings import files as settings_files

KEY = "A" * 43 + "="
ENOUGH = {"SLACK_BOT_TOKEN": "xoxb-1-secret", "SLACK_APP_TOKEN": "xapp-1-secret", "GEMINI_API_KEY": "model-secret"}


def complaints(**changes: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.read({**ENOUGH, **changes})
    return list(caught.value.lines)


def test_three_variables_are_enough() -> None:
    settings = Settings.read(ENOUGH)
    assert settings.database_url == "sqlite+aiosqlite:///usher.db"
    assert (settings.host, settings.port, settings.public_base_url) == ("127.0.0.1", 8080, None)
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.mcp_sandbox_enabled
    assert settings.usher_admins == frozenset()


@pytest.mark.parametrize("name", ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"])
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("socks5://user:pw-secret@proxy:1080", "names a SOCKS proxy"),
        ("socks5h://proxy:1080", "names a SOCKS proxy"),
        ("SOCKS4://proxy", "names a SOCKS proxy"),
        ("https://user:pw-secret@proxy:3128", "spoken to by TLS"),
        ("proxy:3128", "is not the address of a proxy"),
        ("pw-secret", "is not the address of a proxy"),
        ("http://", "is not the address of a proxy"),
        ("http://user:pw-secret@:3128", "is not the address of a proxy"),
        ("http://proxy:port", "is not the address of a proxy"),
        ("http://proxy:99999", "is not the address of a proxy"),
        ("http://[::1", "is not the address of a proxy"),
        ("wpad://proxy", "is not the address of a proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_told_by_name_and_not_repeated(name: str, value: str, told: str) -> None:
    (line,) = complaints(**{name: value})
    assert line.startswith(f"{name} ") and told in line and "http://HOST:PORT" in line
    assert "pw-secret" not in line


@pytest.mark.parametrize("value", ["", " ", "http://proxy:3128", "http://user:pw@10.0.0.1:8080/", "HTTP://proxy"])
def test_a_proxy_that_can_be_used_is_no_complaint(value: str) -> None:
    assert Settings.read({**ENOUGH, "HTTPS_PROXY": value, "all_proxy": value, "NO_PROXY": "localhost"})


def test_proxies_come_from_the_environment_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The libraries that use them read no .env."""
    monkeypatch.chdir(tmp_path)
    for name, value in {**ENOUGH, "ALL_PROXY": "socks5://h:1"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="ALL_PROXY names a SOCKS proxy"):
        Settings.read()


def test_all_that_is_wrong_is_told_at_once_by_name() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.read({"PORT": "eighty", "DATABASE_URL": "mysql://h/d", "TRUSTED_PROXIES": "proxy", "SECRET_KEY": "x"})
    named = [line.split()[0] for line in caught.value.lines]
    assert named == [
        *("DATABASE_URL", "GEMINI_API_KEY", "PORT", "SECRET_KEY", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"),
        "TRUSTED_PROXIES",
    ]


def test_nothing_is_repeated_of_a_value_that_was_refused() -> None:
    secret = "hunter2"
    everywhere = dict.fromkeys(
        ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SECRET_KEY", "DATABASE_URL", "PORT", "PUBLIC_BASE_URL"), secret
    )
    with pytest.raises(SettingsError) as caught:
        Settings.read(everywhere)
    assert len(caught.value.lines) == 7
    assert secret not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_no_secret_shows_when_settings_are_printed() -> None:
    told = {
        **ENOUGH,
        "DATABASE_URL": "postgresql+asyncpg://usher:pw-secret@host/usher",
        "SECRET_KEY": KEY,
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "client-secret",
        "SLACK_SIGNING_SECRET": "signing-secret",
    }
    shown = repr(Settings.read(told)) + str(Settings.read(told))
    assert "secret" not in shown.replace("secret_", "").replace("_secret", "")
    assert KEY not in shown


def test_a_variable_that_is_set_but_empty_counts_as_unset() -> None:
    settings = Settings.read({**ENOUGH, "SECRET_KEY": "", "PUBLIC_BASE_URL": " ", "SLACK_SIGNING_SECRET": ""})
    assert settings.secret_key is None
    assert settings.slack_signing_secret is None


def test_http_mode_alone_needs_the_signing_secret_alone() -> None:
    only = {name: value for name, value in ENOUGH.items() if name != "SLACK_APP_TOKEN"}
    settings = Settings.read({**only, "SLACK_SIGNING_SECRET": "signed"})
    assert settings.slack_app_token is None
    [complaint] = complaints(SLACK_APP_TOKEN="")
    assert complaint.startswith("SLACK_SIGNING_SECRET (for HTTP mode) or SLACK_APP_TOKEN (for Socket Mode)")


@pytest.mark.parametrize(("name", "other"), [("SLACK_BOT_TOKEN", "xapp-1"), ("SLACK_APP_TOKEN", "xoxb-1")])
def test_tokens_put_in_each_others_place_are_told(name: str, other: str) -> None:
    [complaint] = complaints(**{name: other})
    assert complaint.startswith(name)


def test_a_client_id_and_its_secret_belong_together() -> None:
    assert complaints(SLACK_CLIENT_ID="1.2") == complaints(SLACK_CLIENT_SECRET="s")
    assert Settings.read({**ENOUGH, "SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s"}).slack_client_id == "1.2"


def test_on_postgresql_the_key_has_to_be_set() -> None:
    url = "postgresql+asyncpg://usher@host/usher"
    [complaint] = complaints(DATABASE_URL=url)
    assert complaint.startswith("SECRET_KEY has to be set on PostgreSQL")
    assert Settings.read({**ENOUGH, "DATABASE_URL": url, "SECRET_KEY": KEY}).is_postgres


@pytest.mark.parametrize("key", ["short", "A" * 44, "A" * 43 + "=," + "x", ",", "é" * 44])
def test_a_key_that_is_not_32_bytes_of_base64_is_refused(key: str) -> None:
    [complaint] = complaints(SECRET_KEY=key)
    assert complaint.startswith("SECRET_KEY has to be 32 bytes")


def test_several_keys_go_by_commas() -> None:
    assert Settings.read({**ENOUGH, "SECRET_KEY": f"{KEY},{KEY}"}).secret_key is not None


@pytest.mark.parametrize("store", ["auto", "database", "keyring", "gcp", "aws"])
def test_a_store_that_is_known_and_installed_can_be_chosen(store: str) -> None:
    assert Settings.read({**ENOUGH, "SECRET_STORE": store}).secret_store == store


@pytest.mark.parametrize("store", ["keyring", "gcp", "aws"])
def test_a_store_whose_library_is_not_installed_is_refused_with_the_cure(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "is_installed", lambda _: False)
    [complaint] = complaints(SECRET_STORE=store)
    assert f"cannot be {store}" in complaint and "Install it as docs/operations.md tells" in complaint


def test_work_is_asked_for_in_one_of_three_ways() -> None:
    assert Settings.read({**ENOUGH, "TEMPCHAT_PROOF_OF_WORK": "always"}).tempchat_proof_of_work == "always"
    assert complaints(TEMPCHAT_PROOF_OF_WORK="on") == ["TEMPCHAT_PROOF_OF_WORK has to be auto, always or off"]


@pytest.mark.parametrize("written", ["#C02B6E", "c02b6e"])
def test_a_colour_is_taken_with_its_sign_and_without(written: str) -> None:
    assert Settings.read({**ENOUGH, "TEMPCHAT_ACCENT": written}).tempchat_accent == "#c02b6e"
    assert Settings.read({**ENOUGH, "TEMPCHAT_ACCENT": "#fa0"}).tempchat_accent == "#ffaa00"
    for wrong in ("red", "#c02b6", "#c02b6e;}", "rgb(1,2,3)", "#١٢٣"):
        assert complaints(TEMPCHAT_ACCENT=wrong) == ["TEMPCHAT_ACCENT has to be a colour such as 1d6b63"]


def test_an_unknown_store_is_told_which_there_are() -> None:
    assert complaints(SECRET_STORE="vault") == ["SECRET_STORE has to be one of auto, database, keyring, gcp, aws"]


def test_a_keyring_cannot_serve_postgres() -> None:
    [complaint] = complaints(SECRET_STORE="keyring", DATABASE_URL="postgresql+asyncpg://u@h/d", SECRET_KEY=KEY)
    assert complaint.startswith("SECRET_STORE cannot be keyring on PostgreSQL")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost:8080/", "http://[::1]:8080", "https://usher.example.org"]
)
def test_a_public_url_is_https_or_this_machine(url: str) -> None:
    assert Settings.read({**ENOUGH, "PUBLIC_BASE_URL": url}).public_base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        *("http://usher.example.org", "http://10.0.0.1", "http://0.0.0.0:8080", "http://localhost.evil.example"),
        *("ftp://127.0.0.1", "usher.example.org", "https://", "https://h/path", "https://h?q=1", "https://u:p@h"),
        *("https://h:99999", "http://127.0.0.1.example.org"),
    ],
)
def test_other_public_urls_are_refused(url: str) -> None:
    [complaint] = complaints(PUBLIC_BASE_URL=url)
    assert complaint.startswith("PUBLIC_BASE_URL has to")


@pytest.mark.parametrize(
    "url", ["sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "sqlite:///usher.db", "nothing"]
)
def test_a_database_that_cannot_serve_is_refused(url: str) -> None:
    [complaint] = complaints(DATABASE_URL=url)
    assert complaint.startswith("DATABASE_URL")


def test_without_a_bot_token_workspaces_install_the_app() -> None:
    many = {**ENOUGH, "SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s", "PUBLIC_BASE_URL": "https://usher.example"}
    del many["SLACK_BOT_TOKEN"]
    settings = Settings.read({**many, "SLACK_ALLOWED_WORKSPACES": "T1, E2", "USHER_ADMINS": "U1"})
    assert settings.slack_bot_token is None and settings.slack_allowed_workspaces == {"T1", "E2"}
    assert settings.admins == frozenset(), "whose id it is in one workspace may be anybody in another"
    assert Settings.read({**ENOUGH, "USHER_ADMINS": "U1"}).admins == {"U1"}
    for changes, told in (
        ({"PUBLIC_BASE_URL": ""}, "PUBLIC_BASE_URL has to be set where SLACK_BOT_TOKEN is not"),
        ({"SLACK_CLIENT_ID": "", "SLACK_CLIENT_SECRET": ""}, "SLACK_BOT_TOKEN is not set"),
        ({"SLACK_ALLOWED_WORKSPACES": "acme"}, "SLACK_ALLOWED_WORKSPACES has to be ids of workspaces (T…)"),
    ):
        with pytest.raises(SettingsError) as caught:
            Settings.read({**many, **changes})
        assert any(line.startswith(told) for line in caught.value.lines), caught.value.lines


def test_lists_go_by_commas() -> None:
    settings = Settings.read(
        {
            **ENOUGH,
            "USHER_ADMINS": "U1, U2,",
            "MCP_UNSANDBOXED_CARDS": "time",
            "TRUSTED_PROXIES": "10.0.0.1, 192.168.0.0/16",
            "ALLOW_PRIVATE_MCP_HOSTS": "127.0.0.1:9000,10.0.0.0/8",
        }
    )
    assert settings.usher_admins == {"U1", "U2"}
    assert settings.mcp_unsandboxed_cards == {"time"}
    assert settings.trusted_proxies == ("10.0.0.1", "192.168.0.0/16")
    assert settings.allow_private_mcp_hosts == "127.0.0.1:9000,10.0.0.0/8"


@pytest.mark.parametrize(
    ("text", "meant"), [("false", False), ("0", False), ("off", False), ("true", True), ("1", True)]
)
def test_the_sandbox_is_switched_off_on_purpose_only(text: str, meant: bool) -> None:
    assert Settings.read({**ENOUGH, "MCP_SANDBOX_ENABLED": text}).mcp_sandbox_enabled is meant
    assert complaints(MCP_SANDBOX_ENABLED="perhaps") == ["MCP_SANDBOX_ENABLED has to be true or false"]


@pytest.mark.parametrize(("name", "value"), [("PORT", "70000"), ("PORT", "-1"), ("MCP_TOOL_TIMEOUT_SECONDS", "0")])
def test_numbers_out_of_their_range_are_refused(name: str, value: str) -> None:
    [complaint] = complaints(**{name: value})
    assert complaint.startswith(f"{name} is too")


def test_the_environment_outranks_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    lines = [f"{name}={value}" for name, value in ENOUGH.items()]
    tmp_path.joinpath(".env").write_text("\n".join([*lines, "PORT=1111", "GEMINI_MODEL=of-the-file", "UNKNOWN=x"]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "2222")
    settings = Settings.read()
    assert (settings.port, settings.gemini_model) == (2222, "of-the-file")


@pytest.fixture
def secret_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Where a container and where systemd would put them; nothing else is set."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    containers, credentials = tmp_path / "run-secrets", tmp_path / "credentials"
    containers.mkdir()
    monkeypatch.setattr(settings_files, "SECRET_FILES", containers)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    return containers, credentials


def test_settings_come_from_files_of_their_names_too(secret_folders: tuple[Path, Path]) -> None:
    containers, credentials = secret_folders
    for name, value in ENOUGH.items():
        (containers / name.lower()).write_text(f"{value}\n")
    assert Settings.read().gemini_api_key.get_secret_value() == "model-secret"
    credentials.mkdir()
    (credentials / "gemini_api_key").write_text("of-systemd")
    assert Settings.read().gemini_api_key.get_secret_value() == "of-systemd"


def test_the_environment_outranks_files(secret_folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    containers, credentials = secret_folders
    credentials.mkdir()
    for name, value in ENOUGH.items():
        monkeypatch.setenv(name, value)
        (containers / name.lower()).write_text("of-a-file")
    assert Settings.read().gemini_api_key.get_secret_value() == "model-secret"


def test_a_file_that_may_not_be_read_is_told_by_name_and_cure(
    secret_folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path, *_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    (secret_folders[0] / "secret_key").write_text("hunter2")
    monkeypatch.setattr(Path, "read_text", refused)  # root, as in a build, may read anything
    with pytest.raises(SettingsError) as caught:
        Settings.read()
    [line] = caught.value.lines
    assert line.startswith("SECRET_KEY (") and "Permission denied" in line and "account that Usher runs as" in line


def test_a_file_that_is_no_text_is_told_by_name_and_not_repeated(secret_folders: tuple[Path, Path]) -> None:
    (secret_folders[0] / "gemini_api_key").write_bytes(b"hunter2 \xff")
    with pytest.raises(SettingsError, match="gemini_api_key") as caught:
        Settings.read()
    assert "hunter2" not in str(caught.value)


def test_what_is_given_is_all_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_MODEL", "of-the-environment")
    assert Settings.read(ENOUGH).gemini_model == "gemini-2.5-flash"


CARD = """
cards:
  - name: wiki
    title: Wiki
    about: Our handbook.
    url: https://wiki.example.org/mcp
    authentication: shared
    token_variable: WIKI_TOKEN
"""


def test_an_installations_own_cards_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "cards.yaml"
    file.write_text(CARD)
    settings = Settings.read({**ENOUGH, "MCP_CARDS_FILE": str(file), "WIKI_TOKEN": "wiki-secret"})

    [card] = settings.added_cards
    assert (card.name, card.shared) == ("wiki", "wiki-secret")
    assert "wiki-secret" not in repr(settings) + str(settings)
    assert Settings.read(ENOUGH).added_cards == ()


def test_what_is_wrong_with_the_cards_is_told_with_all_else(tmp_path: Path) -> None:
    file = tmp_path / "cards.yaml"
    file.write_text(CARD.replace("https://", ""))

    assert complaints(MCP_CARDS_FILE=str(file), PORT="eighty") == [
        "MCP_CARDS_FILE line 6, card 1 (wiki), url: A server's address starts with https://, such as "
        "https://mcp.example.com/mcp.",
        "PORT has to be a whole number",
    ]


def test_no_card_is_given_one_of_ushers_own_secrets(tmp_path: Path) -> None:
    file = tmp_path / "cards.yaml"
    file.write_text(CARD.replace("WIKI_TOKEN", "SLACK_BOT_TOKEN"))

    [told] = complaints(MCP_CARDS_FILE=str(file))
    assert "SLACK_BOT_TOKEN is one of Usher's own settings" in told


def test_a_file_of_cards_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "large.yaml").write_bytes(b"#" * (257 << 10))
    (tmp_path / "cards.json").write_text("{")

    told = {name: complaints(MCP_CARDS_FILE=str(tmp_path / name)) for name in ("none", "latin.yaml", "large.yaml")}
    assert told["none"] == ["MCP_CARDS_FILE cannot be read (No such file or directory)"]
    assert told["latin.yaml"] == told["large.yaml"] == ["MCP_CARDS_FILE is no text file, or far too large"]
    assert complaints(MCP_CARDS_FILE=str(tmp_path)) == ["MCP_CARDS_FILE cannot be read (Is a directory)"]
    assert "line 1 is not JSON" in complaints(MCP_CARDS_FILE=str(tmp_path / "cards.json"))[0]


@pytest.mark.parametrize("place", ["environment", ".env", "secret file"])
def test_a_shared_token_comes_from_where_settings_come_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    secret_files = tmp_path / "secrets"
    secret_files.mkdir()
    monkeypatch.setattr(settings_files, "SECRET_FILES", secret_files)
    tmp_path.joinpath("cards.yaml").write_text(CARD)
    lines = [*(f"{name}={value}" for name, value in ENOUGH.items()), "MCP_CARDS_FILE=cards.yaml"]
    if place == "environment":
        monkeypatch.setenv("WIKI_TOKEN", "wiki-secret")
        lines.append("WIKI_TOKEN=an-older-one")
    elif place == ".env":
        lines.append("WIKI_TOKEN='wiki-secret'")
    else:
        secret_files.joinpath("wiki_token").write_text("wiki-secret\n")
    tmp_path.joinpath(".env").write_text("\n".join(lines))

    [card] = Settings.read().added_cards

    assert card.shared == "wiki-secret"


def test_the_example_file_names_every_variable() -> None:
    example = Path(__file__).parents[2].joinpath(".env.example").read_text()
    not_for_everyone = {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_API_URL"}
    not_for_everyone |= {"GOOGLE_GEMINI_BASE_URL", "GOOGLE_GENAI_API_VERSION"}
    named = {name.upper() for name in Settings.model_fields} - not_for_everyone
    assert {name for name in named if f"{name}=" not in example} == set()


CLIENTS = """{"github": {"issuer": "https://github.com/login/oauth", "client_id": "id-1", "client_secret": "hush-hush"},
"https://auth.example.com/": {"client_id": "id-2"}}"""


def test_registered_clients_are_known_by_their_issuer_and_keep_their_secret() -> None:
    settings = Settings.read({**ENOUGH, "MCP_OAUTH_CLIENTS": CLIENTS})
    github, public = settings.registered.at("https://github.com/login/oauth"), settings.registered.named
    assert github is not None and (github.id, github.secret, github.method) == (
        "id-1",
        "hush-hush",
        "client_secret_post",
    )
    assert public["https://auth.example.com/"] == "https://auth.example.com/"
    assert settings.registered.at("https://github.com/login/oauth/") is None
    assert "hush-hush" not in repr(settings) + repr(settings.registered)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("hush-hush", "has to be JSON such as"),
        ('["hush-hush"]', "has to be JSON such as"),
        ('{"a": "hush-hush"}', "has to be JSON such as"),
        ('{"a": {"client_id": "x", "client_secret": "hush-hush"}}', "its issuer has to be an https address"),
        ('{"a": {"issuer": "http://a.example", "client_id": "x"}}', "its issuer has to be an https address"),
        ('{"a": {"issuer": "https://a.example", "secret": "hush-hush"}}', "look at its client_id"),
        ('{"a": {"issuer": "https://a.example", "client_id": "x", "hush": "hush-hush"}}', "look at its hush"),
        (
            '{"a": {"issuer": "https://a.example", "client_id": "x", "method": "client_secret_post"}}',
            "its method has to",
        ),
        (
            '{"a": {"issuer": "https://a.example", "client_id": "x"}, "https://a.example": {"client_id": "y"}}',
            "names one issuer twice",
        ),
    ],
)
def test_what_is_wrong_about_registered_clients_is_told_without_their_secrets(value: str, told: str) -> None:
    (line,) = complaints(MCP_OAUTH_CLIENTS=value)
    assert line.startswith("MCP_OAUTH_CLIENTS ") and told in line and "hush-hush" not in line


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("127.0.0.1:9090", ("127.0.0.1", 9090)),
        ("[::1]:9090", ("::1", 9090)),
        ("monitoring.internal:1", ("monitoring.internal", 1)),
    ],
)
def test_what_watches_may_have_an_address_of_its_own(address: str, place: tuple[str, int]) -> None:
    assert Settings.read({**ENOUGH, "MONITORING_ADDRESS": address}).monitoring_place == place
    assert Settings.read(ENOUGH).monitoring_place is None


@pytest.mark.parametrize(
    "address", ["9090", ":9090", "::1:9090", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", "[h]:x", "h:٣"]
)
def test_an_address_that_cannot_be_listened_at_is_refused_by_its_name(address: str) -> None:
    with pytest.raises(SettingsError, match="MONITORING_ADDRESS"):
        Settings.read({**ENOUGH, "MONITORING_ADDRESS": address})


@pytest.mark.parametrize("token", ["short", "with a space in the middle of it", "ü" * 24])
def test_a_token_that_could_be_guessed_or_not_be_sent_is_refused(token: str) -> None:
    with pytest.raises(SettingsError, match="MONITORING_TOKEN") as refused:
        Settings.read({**ENOUGH, "MONITORING_TOKEN": token})
    assert token not in str(refused.value)
