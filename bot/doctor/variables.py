"""The variables, one by one: what is wrong with each, and settings to go on with all the same."""

import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import create_model
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.doctor.finding import Finding, bad, ok, warn
from bot.settings import Settings, SettingsError
from bot.settings.files import UNREADABLE, LookUp, secret_folders, unreadable, variable
from bot.settings.proxies import CURE, NAMES, complaints
from run_cards import CARDS
from run_cards.seeds import Seeds

DOTENV = Path(".env")
NOT_A_VALUE = {
    "SLACK_BOT_TOKEN": "xoxb-0",
    "SLACK_APP_TOKEN": "xapp-0",
    "GEMINI_API_KEY": "0",
    "SECRET_KEY": "A" * 43 + "=",
}
"""Stand where something is needed and nothing is; what needs it is not asked."""
PAIRS = {
    "SLACK_SIGNING_SECRET": "SLACK_APP_TOKEN",
    "SLACK_CLIENT_SECRET": "SLACK_CLIENT_ID",
    "PUBLIC_BASE_URL": "HOST",
    "MAIL_FROM": "SMTP_URL",
}
"""A complaint about the first may be about both."""
READABLE = "save it as text in UTF-8, and let the account that runs Usher read it"
CURES = {
    ".env": READABLE,
    "SLACK_BOT_TOKEN": "copy the “Bot User OAuth Token” from “OAuth & Permissions” of your Slack app",
    "SLACK_APP_TOKEN": "make one with the scope connections:write under “Basic Information”, “App-Level Tokens”",
    "SLACK_SIGNING_SECRET": "copy it from “Basic Information”, “App Credentials”",
    "GEMINI_API_KEY": "make a key in Google AI Studio, https://aistudio.google.com/apikey",
    "PUBLIC_BASE_URL": "set it to the https address under which this server is reached, or leave it out",
    "DATABASE_URL": "leave it out for SQLite, or see docs/operations.md, “Databases”",
    "SECRET_KEY": "python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())' makes one",
}
LEAVE_OUT = "mend it, or leave it out; see docs/operations.md, “Tokens of the installation”"
OTHERWISE = "see .env.example"
USABLE_PROXY = CURE[0].lower() + CURE[1:]
EXAMPLES = {
    "PUBLIC_BASE_URL": r"//([\w.-]+\.)?example(\.(org|com|net))?$",
    "DATABASE_URL": r"//[^:@/]+:password@",
    "SLACK_ALLOWED_WORKSPACES": r"\bT0123456789\b",
    "USHER_ADMINS": r"\bU0123456789\b",
    "MCP_OAUTH_CLIENTS": r"\"…\"",
}
ASSIGNED = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=", re.MULTILINE)
LOOKS_OURS = re.compile(r"^(SLACK|GEMINI|MCP|USHER|DATABASE|SECRET|PUBLIC|TRUSTED|ALLOW)_", re.IGNORECASE)


@dataclass(frozen=True)
class Known:
    """``settings`` are good but for the variables in ``wrong``; ``given`` are all that were found, as they stand."""

    settings: Settings
    wrong: Mapping[str, str]
    """What is wrong with each, by name; never its value."""
    given: Mapping[str, str]
    unusable: Collection[str]
    """Those in ``wrong``, and those that they need beside them."""
    look_up: LookUp = variable
    """For what is no setting of Usher's own."""

    def lacks(self, *names: str) -> list[str]:
        return [name for name in names if name in self.unusable]


def known(env: Mapping[str, str] | None = None) -> Known:
    """The environment, ``.env`` and secret files, as far as they can be used; or ``env`` alone."""
    wrong = dict[str, str]()
    try:
        given = _given() if env is None else dict(env)
    except UNREADABLE as error:
        name, _, complaint = unreadable(error).partition(" ")
        given, wrong[name] = _given(None, ()), complaint
    for told in complaints(os.environ if env is None else env):
        name, _, complaint = told.partition(" ")
        wrong[name] = complaint
    usable, unusable = dict(given), set[str]()
    look_up = variable if env is None else env.get
    for _ in range(len(Settings.model_fields) + 1):
        try:
            return Known(Settings.read(usable, beside=look_up), wrong, given, unusable, look_up)
        except SettingsError as error:
            for told in error.lines:
                name, _, complaint = told.partition(" ")
                wrong.setdefault(name, complaint)
                unusable |= {name, _go_on_without(usable, name)}
    raise AssertionError("a variable that was set aside is complained about again")


def _go_on_without(usable: dict[str, str], name: str) -> str:
    """The variable that was set aside: this one, or when it is not there the one that it belongs to."""
    if name not in usable and name in PAIRS:
        name = PAIRS[name]
    usable.pop(name, None)
    if name in NOT_A_VALUE:
        usable[name] = NOT_A_VALUE[name]
    return name


def _given(dotenv: Path | None = DOTENV, folders: Sequence[Path] | None = None) -> dict[str, str]:
    class Raw(BaseSettings):
        model_config = SettingsConfigDict(env_file=dotenv, env_ignore_empty=True, extra="ignore")

    fields: dict[str, Any] = {name: (str | None, None) for name in Settings.model_fields}
    read: Any = create_model("Raw", __base__=Raw, **fields)
    found = read(_secrets_dir=secret_folders() if folders is None else None).model_dump()
    return {name.upper(): value for name, value in found.items() if value is not None and value.strip()}


def variables(found: Known) -> list[Finding]:
    told = [*_no_file(found), *(_complaint(name, said) for name, said in found.wrong.items())]
    told += [
        *_signing_secret(found),
        *_examples(found),
        *_allowed(found),
        *_folders(found),
        *_seeds(found),
        *_dotenv(found),
    ]
    return told if any(each.bad for each in told) else [ok("settings", "every variable can be used"), *told]


def _no_file(found: Known) -> list[Finding]:
    if DOTENV.exists() or "is not set" not in found.wrong.values():
        return []
    return [
        warn(
            "settings",
            "there is no .env in this folder",
            "`usher slack create` makes one; or cp .env.example .env, or set all in the environment",
        )
    ]


def _complaint(name: str, said: str) -> Finding:
    cure = READABLE if "has to be readable" in said else CURES.get(name, OTHERWISE)
    if name.upper() in NAMES:
        cure = USABLE_PROXY
    return bad("settings", f"{name} {said.partition('. ')[0].rstrip('.')}", cure)


def _signing_secret(found: Known) -> list[Finding]:
    secret = found.settings.slack_signing_secret
    if secret is None or re.fullmatch(r"[0-9a-f]{32}", secret.get_secret_value()):
        return []
    shape = "SLACK_SIGNING_SECRET is not of its shape, 32 characters of 0-9 and a-f"
    return [bad("settings", shape, CURES["SLACK_SIGNING_SECRET"])]


def _examples(found: Known) -> list[Finding]:
    same = [name for name, example in EXAMPLES.items() if re.search(example, found.given.get(name, "").rstrip("/"))]
    return [warn("settings", f"{name} is that of the example", CURES.get(name, OTHERWISE)) for name in same]


def _allowed(found: Known) -> list[Finding]:
    if not found.settings.allow_secrets_in_slack:
        return []
    told = "ALLOW_SECRETS_IN_SLACK is on: members type secrets into a form of Slack's"
    if found.settings.public_base_url:
        told = "ALLOW_SECRETS_IN_SLACK is on and not needed: there is a page for secrets at PUBLIC_BASE_URL"
    return [warn("settings", told, "set PUBLIC_BASE_URL, then leave it out")]


def _folders(found: Known) -> list[Finding]:
    gone = [name for name, folder in found.settings.mcp_folders.items() if not folder.path.is_dir()]
    return [warn("settings", f"MCP_FOLDERS names no folder for {name}", "make it, or leave it out") for name in gone]


def _seeds(found: Known) -> list[Finding]:
    """Tokens of the installation that no card would take are not offered: nobody would learn why."""
    told = []
    for card in CARDS:
        try:
            wrong = Seeds(found.look_up).complaints(card)
        except UNREADABLE as error:
            told.append(warn("settings", f"what there is for the card {card.title}: {unreadable(error)}", READABLE))
            continue
        told += [warn("settings", f"{name} is of no use: {why.rstrip('.')}", LEAVE_OUT) for name, why in wrong.items()]
    return told


def _dotenv(found: Known) -> list[Finding]:
    if not DOTENV.is_file():
        return []
    told = []
    if DOTENV.stat().st_mode & 0o077:
        told.append(warn("settings", ".env can be read by other accounts of this machine", "chmod 600 .env"))
    text = DOTENV.read_text(encoding="utf-8", errors="replace") if os.access(DOTENV, os.R_OK) else ""
    names = [name.upper() for name in Settings.model_fields]
    for name in sorted({name.upper() for name in ASSIGNED.findall(text)}):
        near = get_close_matches(name, names, 1, 0.8)
        if name not in names and LOOKS_OURS.match(name) and near:
            told.append(warn("settings", f"{name} in .env is not known", f"did you mean {near[0]}?"))
    return told
