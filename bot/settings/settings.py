"""What Usher is told when it starts: the environment, ``.env``, and files with secrets."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.settings import databases, oauth_clients, proxies, rules
from bot.settings.chat_links import ChatLinkSettings
from bot.settings.files import ENV_FILE, UNREADABLE, LookUp, added_cards, secret_folders, unreadable, variable
from bot.settings.monitoring import MonitoringSettings
from mcp_runtime.oauth.registration import Registered
from mcp_runtime.sandbox.view.folders import Folders
from run_cards import RunCard

NUMBER = "has to be a whole number"
SENTENCES = {
    "missing": "is not set",
    "int_parsing": NUMBER,
    "int_from_float": NUMBER,
    "float_parsing": "has to be a number",
    "greater_than": "is too small",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
    "bool_parsing": "has to be true or false",
}

Words = Annotated[frozenset[str], NoDecode, BeforeValidator(rules.words)]
Secret = SecretStr | None


class SettingsError(Exception):
    """The environment is not enough to start with. Each of ``lines`` names a variable and never its value."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


class Settings(ChatLinkSettings, MonitoringSettings):
    """Each field is the variable of its name in capitals; a variable that is set but empty counts as unset.

    The order matters: a rule about two variables stands with the later one.
    """

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
        str_strip_whitespace=True,
    )

    slack_bot_token: Annotated[SecretStr, AfterValidator(rules.bot_token)]
    slack_app_token: Annotated[Secret, AfterValidator(rules.app_token)] = None
    slack_signing_secret: Annotated[Secret, AfterValidator(rules.signing_secret)] = None
    slack_app_id: str | None = None
    """Which app `usher slack` made: the one that it brings up to date."""
    slack_client_id: str | None = None
    slack_client_secret: Secret = None
    slack_api_url: Annotated[str, AfterValidator(rules.slack_api_url)] = "https://slack.com/api/"

    gemini_api_key: Annotated[SecretStr, AfterValidator(rules.gemini_key)]
    gemini_model: str = "gemini-2.5-flash"
    gemini_fallback_model: str = "gemini-3.5-flash-lite"
    gemini_embedding_model: str = "gemini-embedding-2"
    """Finds by meaning what members look for in their past conversations; none: by words alone."""
    google_gemini_base_url: Annotated[str | None, AfterValidator(rules.url)] = None
    google_genai_api_version: str | None = None

    database_url: Annotated[str, AfterValidator(databases.database_url)] = Field(
        default="sqlite+aiosqlite:///usher.db", repr=False
    )
    database_owner_url: Annotated[str | None, AfterValidator(databases.owner_url)] = Field(default=None, repr=False)
    """Who owns the tables where Usher works as a role that does not: for `usher migrate` alone."""
    secret_key: Annotated[Secret, AfterValidator(rules.secret_key)] = None
    secret_store: Annotated[str, AfterValidator(rules.secret_store)] = "auto"  # noqa: S105  no password

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_base_url: Annotated[str | None, AfterValidator(rules.public_base_url)] = None
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(rules.networks)] = ()

    allow_private_mcp_hosts: Annotated[str, AfterValidator(rules.private_hosts)] = ""
    mcp_sandbox_enabled: bool = True
    mcp_unsandboxed_cards: Words = frozenset()
    """Cards whose server may run without a sandbox where none can be had."""
    mcp_custom_commands: bool = False
    """Admins of a workspace may add programs of this machine as cards."""
    mcp_folders: Annotated[Folders, NoDecode, BeforeValidator(rules.folders)] = Field(default_factory=dict)
    """Folders of this machine that members may let programs see."""
    mcp_packages_folder: Path = Path("~/.cache/usher/packages")
    """Where packages of programs are installed."""
    mcp_cards_file: str | None = None
    """Cards that this installation adds: what is in it is `added_cards`."""
    mcp_oauth_clients: Annotated[Secret, AfterValidator(oauth_clients.checked)] = None
    """As whom Usher is registered at services that sign members in: `registered` is what is in it."""
    mcp_max_connections_per_user: int = Field(default=10, ge=1, le=1000)
    mcp_tool_timeout_seconds: int = Field(default=30, ge=1, le=600)
    usher_admins: Words = frozenset()
    allow_secrets_in_slack: bool = False
    """Where no page can be reached, Slack's own form asks for secrets; Slack may keep what is typed there."""

    _added_cards: tuple[RunCard, ...] = PrivateAttr(default=())

    @property
    def added_cards(self) -> tuple[RunCard, ...]:
        return self._added_cards

    @property
    def registered(self) -> Registered:
        return oauth_clients.registered(self.mcp_oauth_clients)

    @property
    def is_postgres(self) -> bool:
        return self.database_url.startswith("postgresql")

    @property
    def database_role(self) -> str:
        """On PostgreSQL, as which Usher works."""
        return databases.role_of(self.database_url)

    @property
    def own_url(self) -> str:
        """Where pages are reached from this machine, and from no other."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  read, not listened on
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @field_validator("*", mode="before")
    @classmethod
    def _a_value(cls, value: object) -> object:
        return rules.a_value(value)

    @field_validator("public_base_url")
    @classmethod
    def _needed_on_a_network(cls, value: str | None, so_far: ValidationInfo) -> str | None:
        if value is None and not rules.reaches_this_machine(so_far.data.get("host", "")):
            raise ValueError("has to be set when HOST is an address of the network, or HOST be 127.0.0.1")
        return value

    @field_validator("slack_signing_secret")
    @classmethod
    def _a_way_in(cls, value: Secret, so_far: ValidationInfo) -> Secret:
        if value is None and so_far.data.get("slack_app_token", "wrong itself") is None:
            raise ValueError("(for HTTP mode) or SLACK_APP_TOKEN (for Socket Mode) has to be set")
        return value

    @field_validator("slack_client_secret")
    @classmethod
    def _with_its_id(cls, value: Secret, so_far: ValidationInfo) -> Secret:
        if (value is None) != (so_far.data.get("slack_client_id") is None):
            raise ValueError("and SLACK_CLIENT_ID belong together: set both or neither")
        return value

    @field_validator("database_owner_url")
    @classmethod
    def _another_role(cls, value: str | None, so_far: ValidationInfo) -> str | None:
        if value and "database_url" in so_far.data:
            databases.of_the_same_database(value, so_far.data["database_url"])
        return value

    @field_validator("secret_key")
    @classmethod
    def _needed_on_postgres(cls, value: Secret, so_far: ValidationInfo) -> Secret:
        if value is None and so_far.data.get("database_url", "").startswith("postgresql"):
            raise ValueError(f"has to be set on PostgreSQL. {rules.MAKE_A_KEY}")
        return value

    @field_validator("secret_store")
    @classmethod
    def _not_of_one_machine(cls, value: str, so_far: ValidationInfo) -> str:
        if value == "keyring" and so_far.data.get("database_url", "").startswith("postgresql"):
            raise ValueError("cannot be keyring on PostgreSQL: a keyring is one machine's, and several may serve it")
        return value

    @classmethod
    def read(cls, env: Mapping[str, str] | None = None, *, beside: LookUp | None = None) -> "Settings":
        """From the environment, ``.env``, then files with secrets; or from ``env`` alone. Raises `SettingsError`.

        ``beside`` looks up what is no setting: the variables that the installation's cards name.
        """
        reserved = {name.upper() for name in cls.model_fields}
        look_up = variable if env is None else _with(env, beside)
        try:
            cards, wrong = added_cards(look_up, reserved)
            settings = cls._from(env)
        except ValidationError as error:
            # Without the cause: it may show what was set.
            wrong += [_line(each) for each in error.errors(include_input=False)]
        except UNREADABLE as error:
            raise SettingsError([unreadable(error)]) from None
        wrong += proxies.complaints(os.environ if env is None else env)
        if wrong:
            raise SettingsError(sorted(set(wrong))) from None
        settings._added_cards = cards
        return settings

    @classmethod
    def _from(cls, env: Mapping[str, str] | None) -> "Settings":
        if env is not None:
            given: dict[str, Any] = {name.lower(): value for name, value in env.items() if value.strip()}
            return _Given(_env_file=None, **given)  # type: ignore[call-arg]
        return cls(_secrets_dir=secret_folders())  # type: ignore[call-arg]


class _Given(Settings):
    """From what is passed, and nothing else."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def _with(env: Mapping[str, str], beside: LookUp | None) -> LookUp:
    def look_up(name: str) -> str | None:
        is_setting = name.lower() in Settings.model_fields
        return env.get(name) or (beside(name) if beside and not is_setting else None)

    return look_up


def _line(error: Any) -> str:
    name = str(error["loc"][0]).upper()
    if error["type"] == "value_error":
        return f"{name} {error['ctx']['error']}"
    return f"{name} {SENTENCES.get(error['type'], 'has a value that cannot be used')}"
