"""Each store that secrets may lie in, real or on loopback, empty for each test."""

import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest

from mcp_runtime.secrets import MasterKey, SecretStore, Vault
from mcp_runtime.secrets.outside import OutsideStore, OutsideStores
from mcp_runtime.secrets.outside.stores import Open
from storage.database import Database
from storage.members import Member
from tests.secrets.machine_keyring import missing, secret_service
from tests.support.requirements import require

KEY = MasterKey(b"k" * 32)
MEMBER = Member("T1", "U1")
AWS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "eu-central-1"}


@pytest.fixture(scope="session")
def session_bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require(not (lacks := missing()), f"{lacks} is not here: the keyring's tests need it")
    with secret_service(tmp_path_factory.mktemp("keyring")) as address:
        yield address


@pytest.fixture
def machine_keyring(session_bus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring.backend
    import keyring.core

    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", session_bus)
    with suppress(KeyError):  # it is looked for once in a process, and may not have been yet
        keyring.backend.get_all_keyring.reset()
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)


@pytest.fixture(scope="session")
def aws_endpoint() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(aws_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the SDK's own variables say it."""
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {**AWS, "AWS_ENDPOINT_URL_SECRETS_MANAGER": aws_endpoint}.items():
        monkeypatch.setenv(name, value)


@asynccontextmanager
async def stores_of(request: pytest.FixtureRequest, name: str) -> AsyncIterator[OutsideStores]:
    async with AsyncExitStack() as stack:
        if name == "gcp":
            stores = OutsideStores({"gcp": await _gcp(stack)})
        else:
            request.getfixturevalue({"keyring": "machine_keyring", "aws": "aws"}[name])
            stores = OutsideStores()
        stack.push_async_callback(stores.close)
        yield stores


async def _gcp(stack: AsyncExitStack) -> Open:
    from mcp_runtime.secrets.outside.gcp_store import GcpStore
    from tests.secrets.gcp_server import PROJECT, secret_manager

    _, client = await stack.enter_async_context(secret_manager())

    async def opened() -> OutsideStore:
        return GcpStore(client(), PROJECT)

    return opened


@pytest.fixture
async def workspace(db: Database) -> Database:
    async with db.begin() as tables:
        await tables.workspaces.ensure("T1")
    return db


@pytest.fixture
async def small(sqlite_db: Database) -> Database:
    """Where the engine is all one."""
    async with sqlite_db.begin() as tables:
        await tables.workspaces.ensure("T1")
    return sqlite_db


@pytest.fixture
def vault() -> Vault:
    return Vault([KEY])


@pytest.fixture(params=["keyring", "aws", "gcp"])
async def outside(request: pytest.FixtureRequest) -> AsyncIterator[OutsideStore]:
    """Each store outside, by itself."""
    async with stores_of(request, request.param) as stores:
        yield await stores.named(request.param)


@pytest.fixture(params=["database", "keyring", "aws", "gcp"])
async def store(request: pytest.FixtureRequest, vault: Vault) -> AsyncIterator[SecretStore]:
    """The product's own store, with each place that its secrets may lie in."""
    if request.param == "database":
        yield SecretStore(vault)
        return
    async with stores_of(request, request.param) as stores:
        yield SecretStore(vault, stores, request.param)
