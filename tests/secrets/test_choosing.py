"""Which store ``SECRET_STORE=auto`` takes where."""

import ast
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mcp_runtime.secrets.choosing import Choice, chosen, is_installed
from mcp_runtime.secrets.outside import StoreAway
from mcp_runtime.secrets.outside.keyring_store import real_backend

ROOT = Path(__file__).parents[2]
GOOGLE = {"GOOGLE_CLOUD_PROJECT": "p"}
AWS = {"AWS_EXECUTION_ENV": "AWS_ECS_FARGATE"}


def auto(
    env: Mapping[str, str] = {}, *, desk: bool = False, has: str = "aws gcp keyring", open_: bool = True
) -> Choice:
    def keyring() -> None:
        if not open_:
            raise StoreAway("locked")

    return chosen("auto", env, at_a_desk=desk, installed=lambda name: name in has.split(), real_keyring=keyring)


@pytest.mark.parametrize("store", ["database", "keyring", "gcp", "aws"])
def test_what_is_said_is_taken_wherever_usher_runs(store: str) -> None:
    assert chosen(store, {**GOOGLE, **AWS}, at_a_desk=True).store == store


@pytest.mark.parametrize(
    ("env", "desk", "store"),
    [
        ({}, False, "database"),
        ({}, True, "keyring"),
        (GOOGLE, False, "gcp"),
        (AWS, False, "aws"),
        ({"ECS_CONTAINER_METADATA_URI_V4": "http://x"}, False, "aws"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/f"}, False, "aws"),
        ({"AWS_REGION": "eu-central-1", "AWS_PROFILE": "me"}, False, "database"),
        ({**GOOGLE, **AWS}, True, "gcp"),
        ({"GOOGLE_CLOUD_PROJECT": ""}, False, "database"),
    ],
)
def test_auto_takes_what_fits(env: Mapping[str, str], desk: bool, store: str) -> None:
    assert auto(env, desk=desk).store == store


def test_a_keyring_that_is_locked_is_not_taken() -> None:
    assert auto(desk=True, open_=False) == Choice("database", "since this machine has no keyring that is open")
    assert auto(desk=True, has="").store == "database"


@pytest.mark.parametrize(("env", "name"), [(GOOGLE, "gcp"), (AWS, "aws")])
def test_a_cloud_whose_library_is_not_there_is_told_and_not_taken(env: Mapping[str, str], name: str) -> None:
    choice = auto(env, has="")
    assert choice.store == "database" and f"SECRET_STORE={name} needs is not installed" in choice.missed


def test_looking_whether_a_library_is_there_imports_none() -> None:
    assert all(map(is_installed, ("aws", "gcp", "keyring")))


def test_only_a_keyring_of_the_system_is_real(monkeypatch: pytest.MonkeyPatch) -> None:
    from keyring.backends import chainer, fail, null

    class Plaintext(null.Keyring):
        priority = 9  # type: ignore[assignment]

    Plaintext.__module__ = "keyrings.alt.file"
    for chosen_one in (fail.Keyring(), null.Keyring(), Plaintext(), chainer.ChainerBackend()):
        monkeypatch.setattr("keyring.get_keyring", lambda it=chosen_one: it)
        with pytest.raises(StoreAway, match="SECRET_STORE=database"):
            real_backend()


def test_what_is_not_used_is_not_imported() -> None:
    told = "import sys, bot.house, app; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(ast.literal_eval(done.stdout))
    assert "bot" in loaded and not loaded & {"aiobotocore", "botocore", "keyring", "grpc", "secretstorage"}
