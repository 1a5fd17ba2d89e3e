"""Google's Secret Manager: project and rights as the SDK finds them, in the environment or of the machine's account."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import google.auth
from google.api_core.exceptions import (
    AlreadyExists,
    FailedPrecondition,
    GoogleAPICallError,
    NotFound,
    PermissionDenied,
    RetryError,
)
from google.auth.exceptions import GoogleAuthError
from google.cloud.secretmanager_v1 import SecretManagerServiceAsyncClient

from mcp_runtime.secrets.outside.store import OutsideStore, StoreAway, fits, in_time

TITLE = "Google's Secret Manager"
PREFIX = "usher-"
PATIENCE = 8.0
RIGHTS = (
    "refuses: switch its API on in this project, and give Usher's service account the role Secret Manager Admin, under "
    "the condition that the name begins with usher-."
)
NO_ACCOUNT = "finds no account: give this machine a service account, or run `gcloud auth application-default login`."
SWITCHED_OFF = "holds this secret's version as disabled or destroyed: enable it there."


async def open_gcp() -> OutsideStore:
    """Raises `StoreAway`."""
    async with _told():
        # It may ask the machine's metadata server, and blocks meanwhile.
        credentials, found = await asyncio.to_thread(google.auth.default)
        if not (project := os.environ.get("GOOGLE_CLOUD_PROJECT") or found):
            raise StoreAway(f"{TITLE}: no project is known. Set GOOGLE_CLOUD_PROJECT.")
        return GcpStore(SecretManagerServiceAsyncClient(credentials=credentials), project)


class GcpStore:
    def __init__(self, client: SecretManagerServiceAsyncClient, project: str) -> None:
        self._client = client
        self._project = f"projects/{project}"

    async def put(self, place: str, value: bytes) -> None:
        fits(TITLE, value)
        made = {"replication": {"automatic": {}}, "labels": {"app": "usher"}}
        request = {"parent": self._project, "secret_id": PREFIX + place, "secret": made}
        version = {"parent": self._name(place), "payload": {"data": value}}
        async with _told():
            for last in (False, True):
                with suppress(AlreadyExists):  # its answer was lost before
                    await self._client.create_secret(request=request, timeout=PATIENCE)
                try:
                    await self._client.add_secret_version(request=version, timeout=PATIENCE)
                    return
                except NotFound:  # who cleans up beside us found it before anything was in it
                    if last:
                        raise

    async def get(self, place: str) -> bytes | None:
        async with _told():
            try:
                name = f"{self._name(place)}/versions/latest"
                found = await self._client.access_secret_version(request={"name": name}, timeout=PATIENCE)
            except NotFound:
                return None
            return bytes(found.payload.data)

    async def delete(self, place: str) -> None:
        async with _told():
            try:
                await self._client.delete_secret(request={"name": self._name(place)}, timeout=PATIENCE)
            except NotFound:
                return

    async def close(self) -> None:
        await self._client.transport.close()  # type: ignore[no-untyped-call]

    def _name(self, place: str) -> str:
        return f"{self._project}/secrets/{PREFIX}{place}"


@asynccontextmanager
async def _told() -> AsyncIterator[None]:
    async with in_time(TITLE):
        try:
            yield
        except PermissionDenied as error:
            raise StoreAway(f"{TITLE} {RIGHTS}") from error
        except GoogleAuthError as error:
            raise StoreAway(f"{TITLE} {NO_ACCOUNT}") from error
        except FailedPrecondition as error:
            raise StoreAway(f"{TITLE} {SWITCHED_OFF}") from error
        except (GoogleAPICallError, RetryError) as error:
            raise StoreAway(f"{TITLE} cannot be reached ({type(error).__name__}): check the network.") from error
