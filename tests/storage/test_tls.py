"""A PostgreSQL that takes nobody without a certificate: what is said of TLS in an address holds for all ways to it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from storage.bus.postgres import PostgresBus
from storage.database import Database
from storage.engines.address import Address
from storage.engines.postgres import connect
from tests.support.audit import KEYS
from tests.support.ports import free_port
from tests.support.postgres import OWNER, PostgresMissing, running_postgres
from tests.support.requirements import require

PASSWORD = "of-the-key"
TODAY = datetime.now(UTC)


class Authority:
    """Signs for whoever asks."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name, self._key = folder, name, ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._kept(name, self._signed(name, self._key, authority=True))

    def signed(self, name: str, password: str = "") -> tuple[str, str]:
        """The files of a certificate and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        sealed: KeySerializationEncryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        kept = self._kept(f"{name}.key", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed))
        return self._kept(name, self._signed(name, key)), kept

    def _signed(self, name: str, key: ec.EllipticCurvePrivateKey, *, authority: bool = False) -> bytes:
        subject, issuer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, self._name))
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(TODAY - timedelta(days=1))
        made = made.not_valid_after(TODAY + timedelta(days=1))
        made = made.add_extension(x509.BasicConstraints(authority, None), critical=True)
        if not authority:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _kept(self, name: str, text: bytes) -> str:
        """For its owner alone: neither server nor client takes a key that others may read."""
        path = self._folder / f"{name}.pem"
        path.write_bytes(text)
        path.chmod(0o600)
        return str(path)


@dataclass(frozen=True)
class Guarded:
    port: int
    ours: Authority
    other: Authority

    def url(self, host: str = "localhost", **said: str) -> str:
        return f"postgresql://{OWNER}@{host}:{self.port}/postgres?{urlencode(said)}"

    @property
    def trusted(self) -> dict[str, str]:
        certificate, key = self.ours.signed(OWNER)
        return {"sslrootcert": self.ours.certificate, "sslcert": certificate, "sslkey": key}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("authority")
    (folder / "other").mkdir()
    ours, other, port = Authority(folder, "ours"), Authority(folder / "other", "other"), free_port()

    def guard(data: Path) -> dict[str, str]:
        """Files of the server's own account, since it reads no others."""
        certificate, key = ours.signed("localhost")
        account = data.stat()
        for name, file in (("its.crt", certificate), ("its.key", key), ("clients.crt", ours.certificate)):
            (data / name).write_bytes(Path(file).read_bytes())
            (data / name).chmod(0o600)
            os.chown(data / name, account.st_uid, account.st_gid)
        (data / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.1/32 cert\n")
        said = {"ssl_cert_file": "its.crt", "ssl_key_file": "its.key", "ssl_ca_file": "clients.crt", "ssl": "on"}
        return {**said, "listen_addresses": "127.0.0.1", "port": str(port)}

    try:
        with running_postgres(prepared=guard):
            yield Guarded(port, ours, other)
    except PostgresMissing as missing:
        require(False, str(missing))


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_questions_and_listening_go_by_the_certificates_that_are_named(guarded: Guarded, mode: str) -> None:
    db = Database(guarded.url(sslmode=mode, **guarded.trusted), KEYS)
    await db.ping()
    async with PostgresBus(db.engine).listening() as bus:
        assert bus.hears
    await db.close()


async def test_the_authorities_of_this_machine_and_a_key_under_a_password(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", guarded.ours.certificate)
    certificate, key = guarded.ours.signed(OWNER, PASSWORD)
    own = {"sslcert": certificate, "sslkey": key, "sslpassword": PASSWORD}
    for trust in ("system", guarded.ours.certificate):
        await (await connect(Address.of(guarded.url(sslmode="verify-full", sslrootcert=trust, **own)))).close()


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("localhost", {"sslcert": "", "sslkey": ""}),  # nobody in particular
        ("localhost", {"sslmode": "disable"}),
        ("127.0.0.1", {}),  # not the name in the certificate
        ("localhost", {"sslrootcert": "other"}),
        ("localhost", {"sslrootcert": "system"}),
    ],
)
async def test_nobody_else_is_spoken_to_and_nobody_else_let_in(
    guarded: Guarded, host: str, said: dict[str, str]
) -> None:
    chosen = {"sslmode": "verify-full", **guarded.trusted, **said}
    if chosen["sslrootcert"] == "other":
        chosen["sslrootcert"] = guarded.other.certificate
    with pytest.raises(Exception, match=r"certificate|TLS|SSL|pg_hba|rejected") as refused:
        await connect(Address.of(guarded.url(host, **{name: value for name, value in chosen.items() if value})))
    assert not isinstance(refused.value, TimeoutError)
