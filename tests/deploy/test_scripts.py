"""The scripts of deploy/: secrets as files that the container alone can read, and commands run as the service would."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.settings import files as settings_files
from tests.deploy.proxies import DEPLOY

TOKENS = "xoxb-1-a\nxapp-1-b\nmodel-key\n"
HOST = {"USHER_HOST": "usher.example.org"}


def made(folder: Path, given: str = TOKENS, **env: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    shutil.copy(DEPLOY / "make-secrets.sh", folder)
    command = ["sh", str(folder / "make-secrets.sh")]
    return subprocess.run(
        command, input=given, env={"PATH": os.environ["PATH"], **env}, cwd="/", capture_output=True, text=True
    )


def test_the_files_are_settings_that_usher_starts_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = made(tmp_path / "deploy", **HOST)

    assert done.returncode == 0, done.stderr
    assert "model-key" not in done.stdout + done.stderr
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings_files, "SECRET_FILES", tmp_path / "deploy/secrets")
    settings = Settings.read()
    password = (tmp_path / "deploy/secrets/database_password").read_text()
    assert settings.gemini_api_key.get_secret_value() == "model-key"
    assert settings.database_url == f"postgresql+asyncpg://usher:{password}@database:5432/usher" and len(password) == 43
    assert (tmp_path / "deploy/.env").read_text().endswith("USHER_HOST=usher.example.org\n")


def test_the_folder_is_shut_and_the_files_in_it_can_be_read_by_another_account(tmp_path: Path) -> None:
    made(tmp_path / "deploy", **HOST)

    folder = tmp_path / "deploy/secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}
    assert stat.S_IMODE((tmp_path / "deploy/.env").stat().st_mode) == 0o600


def test_a_second_time_nothing_is_changed_or_asked(tmp_path: Path) -> None:
    made(tmp_path / "deploy", **HOST)
    before = {path.name: path.read_text() for path in (tmp_path / "deploy/secrets").iterdir()}

    done = made(tmp_path / "deploy", given="")

    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_text() for path in (tmp_path / "deploy/secrets").iterdir()} == before


def test_what_was_not_given_is_told_and_given_the_next_time(tmp_path: Path) -> None:
    done = made(tmp_path / "deploy", given="xoxb-1-a\n\n", **HOST)
    assert done.returncode == 1 and "Nothing was given for slack_app_token" in done.stderr

    assert made(tmp_path / "deploy", given="xapp-1-b\nmodel-key\n").returncode == 0


def test_without_a_name_for_guests_it_says_how(tmp_path: Path) -> None:
    done = made(tmp_path / "deploy")
    assert done.returncode != 0 and "USHER_HOST=usher.example.org sh" in done.stderr


def recorded(tmp_path: Path, unit: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "systemd-run").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "systemd-run").chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "USHER_UNIT": str(unit)}
    command = ["sh", str(DEPLOY / "usher-run.sh"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True)


def test_a_command_runs_as_its_unit_would(tmp_path: Path) -> None:
    words = recorded(tmp_path, DEPLOY / "usher.service", "backup", "my backups").stdout.splitlines()

    assert words[-3:] == ["/opt/usher/.venv/bin/usher", "backup", "my backups"]
    properties = {word.removeprefix("--property=") for word in words if word.startswith("--property=")}
    assert properties >= {"DynamicUser=yes", "User=usher", "StateDirectory=usher", "WorkingDirectory=/var/lib/usher"}
    assert properties >= {"EnvironmentFile=-/etc/usher/env", "UMask=0077"}
    assert "LoadCredential=gemini_api_key:/etc/usher/credentials/gemini_api_key" in properties
    assert not any("database_url" in each for each in properties)  # which is a comment there


def test_without_a_unit_or_a_command_it_says_what_is_missing(tmp_path: Path) -> None:
    assert "install the service first" in recorded(tmp_path, tmp_path / "none", "doctor").stderr
    assert "usage: usher-run.sh" in recorded(tmp_path, DEPLOY / "usher.service").stderr
