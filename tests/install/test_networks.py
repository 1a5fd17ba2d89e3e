"""What can go wrong with a network is told in one sentence with its cure, by pip and by uv alike."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bootstrap import environment, troubles
from bootstrap.troubles import Trouble
from tests.install import networks
from tests.install.aged_index import NEWER, wheel
from tests.install.clones import UV
from tests.install.pips import NEWEST, OLDEST, folder_of
from tests.install.pythons import base, without_ensurepip

INSTALLERS = [f"pip {OLDEST}", f"pip {NEWEST}", "uv"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing in it; what the tests here install never succeeds, or is one small package."""
    place = tmp_path_factory.mktemp("a folder") / ".venv"
    subprocess.run([base(), "-m", "venv", "--without-pip", place], check=True)
    return place


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_")) or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    index = tmp_path / "index"
    settings = {"PIP_INDEX_URL": index.as_uri(), "PIP_CONFIG_FILE": os.devnull, "HOME": str(tmp_path)}
    for name, value in {**settings, "PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1"}.items():
        monkeypatch.setenv(name, value)
    for name in ("PIP_RETRIES", "UV_HTTP_RETRIES"):
        monkeypatch.setenv(name, "0")
    return index


@pytest.fixture
def lock(machine: Path, tmp_path: Path) -> Path:
    lock = tmp_path / "requirements.lock"
    lock.write_text(wheel(machine, "small"))
    return lock


@pytest.fixture(params=INSTALLERS)
def install(
    request: pytest.FixtureRequest, place: Path, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """Installs what is locked, by this program and with the variables that are set by then."""
    name, _, version = request.param.partition(" ")
    if name == "pip":
        [packages] = place.glob("lib/python3*/site-packages")
        (packages / "pip.pth").write_text(f"{folder_of(version)}\n")
        return lambda: environment.installer(place).locked(lock, lock.parent)

    def by_uv() -> None:
        monkeypatch.setenv("PATH", f"{UV.parent}:/usr/bin:/bin")
        found = environment.from_outside(place)
        assert found and found.command[0] == str(UV)
        found.locked(lock, lock.parent)

    return by_uv


def told(install: Callable[[], None]) -> str:
    with pytest.raises(Trouble) as trouble:
        install()
    sentence = str(trouble.value)
    assert len(sentence.splitlines()) == 1
    return sentence


def test_a_mirror_that_repacks_is_told_apart(install, machine, lock, capsys):
    wheel(machine, "small", files={"small.py": b"changed"})

    assert told(install) == troubles.REPACKED
    assert "hash" in capsys.readouterr().err.lower(), "the program's last words come first"


def test_from_a_mirror_that_lags_behind(install, machine, lock):
    for found in (machine / "small").glob("*"):
        found.unlink()
    wheel(machine, "small", "0.9")

    sentence = told(install)

    assert "has no ready-made file of small==1.0 for Python 3." in sentence and "lags behind" in sentence


def test_offline(install, lock, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{networks.nobody()}/simple")

    sentence = told(install)

    assert sentence.startswith("The package index cannot be reached.")
    assert "PIP_NO_INDEX=1 PIP_FIND_LINKS=wheels" in sentence and lock.name in sentence


def test_where_no_name_can_be_looked_up(install, lock, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.invalid/simple")

    assert told(install).startswith("The package index cannot be reached.")


@pytest.mark.parametrize("install", [f"pip {OLDEST}", f"pip {NEWEST}"], indirect=True)
def test_a_mirror_without_https(install, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://index.invalid/simple")

    assert told(install) == troubles.NOT_TRUSTED


def test_the_cure_for_offline_works(install, machine, lock, place, tmp_path, monkeypatch):
    wheel(machine, "small", NEWER)
    bring = lock.read_text().split(" --hash")[0]
    pip = [base(), "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    subprocess.run([*pip, "-r", lock, "-d", tmp_path / "wheels"], check=True, capture_output=True)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{networks.nobody()}/simple")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))

    install()

    [found] = place.glob("lib/python3*/site-packages/small-*.dist-info")
    assert found.name == "small-1.0.dist-info" and bring == "small==1.0"
    subprocess.run([UV, "pip", "uninstall", "-q", "--python", place / "bin/python", "small"], check=True)


def test_a_folder_of_wheels_that_lacks_one(install, lock, tmp_path, monkeypatch):
    (tmp_path / "wheels").mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))

    assert told(install).startswith("The folder in PIP_FIND_LINKS has no file of small")


def test_behind_a_proxy_that_opens_tls(install, lock, tmp_path, monkeypatch):
    with networks.answering(200, networks.own_certificate(tmp_path)) as address:
        monkeypatch.setenv("PIP_INDEX_URL", f"https://{address}/simple")

        assert told(install) == troubles.CERTIFICATE


@pytest.mark.parametrize("status", [None, 407, 403], ids=["gone", "sign-in", "refused"])
def test_behind_a_proxy_that_does_not_let_through(status, install, lock, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.invalid/simple")
    with networks.answering(status or 200) as address:
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://{address if status else networks.nobody()}")

        assert told(install) == troubles.PROXY


@pytest.mark.parametrize("status", [401, 403])
def test_an_index_that_asks_for_a_name(status, install, lock, monkeypatch):
    with networks.answering(status) as address:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://{address}/simple")

        assert told(install) == troubles.SIGN_IN


def test_an_index_in_trouble(install, monkeypatch):
    with networks.answering(503) as address:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://{address}/simple")

        assert told(install) == troubles.ITS_OWN


def test_make_ends_with_that_sentence_and_fails(small, tmp_path):
    python = without_ensurepip(tmp_path / "debian", folder_of(NEWEST))

    told = small.make("install", PIP_INDEX_URL=f"http://{networks.nobody()}/simple", PYTHON=str(python))

    assert told.returncode != 0
    *_, sentence, of_make = told.stdout.splitlines()
    assert sentence.startswith("The package index cannot be reached.") and of_make.startswith("make: ***")
    assert "Traceback" not in told.stdout
    assert not small.is_there
