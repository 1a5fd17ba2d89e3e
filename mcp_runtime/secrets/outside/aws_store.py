"""AWS Secrets Manager: region and rights as the SDK finds them, in the environment, a profile or the machine's role."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from aiobotocore.config import AioConfig  # type: ignore[import-untyped]
from aiobotocore.session import get_session  # type: ignore[import-untyped]
from botocore.exceptions import (  # type: ignore[import-untyped]
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
)

from mcp_runtime.secrets.outside.store import OutsideStore, StoreAway, fits, in_time

TITLE = "AWS Secrets Manager"
PREFIX = "usher/"
"""A policy may allow secret:usher/* and no more."""
PATIENCE = {"connect_timeout": 5, "read_timeout": 8, "retries": {"max_attempts": 3, "mode": "standard"}}
RIGHTS = (
    "allow Usher's role secretsmanager:CreateSecret, PutSecretValue, GetSecretValue, DeleteSecret and TagResource for "
    "secret:usher/*."
)
REASONS = {
    "AccessDeniedException": f"refuses: {RIGHTS}",
    "UnrecognizedClientException": "does not know these credentials: renew them.",
    "InvalidClientTokenId": "does not know these credentials: renew them.",
    "ExpiredTokenException": "says that the credentials have expired: renew them.",
    "DecryptionFailure": "cannot open what it keeps: give Usher's role the use of the KMS key.",
    "LimitExceededException": "holds as many secrets as the account may have: ask AWS for more.",
    "ThrottlingException": "is asked too often at the moment; it is tried again.",
}


async def open_aws() -> OutsideStore:
    """Raises `StoreAway`."""
    stack = AsyncExitStack()
    async with _told():
        # The SDK itself reads only the second; containers of AWS set the first.
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        client = get_session().create_client("secretsmanager", region_name=region, config=AioConfig(**PATIENCE))
        return AwsStore(await stack.enter_async_context(client), stack)


class AwsStore:
    def __init__(self, client: Any, stack: AsyncExitStack) -> None:
        self._client = client
        self._stack = stack

    async def put(self, place: str, value: bytes) -> None:
        name = PREFIX + place
        fits(TITLE, value)
        async with _told():
            try:
                await self._client.create_secret(
                    Name=name,
                    SecretBinary=value,
                    Description="A member's sealed secret. Usher makes and deletes it.",
                    Tags=[{"Key": "app", "Value": "usher"}],
                )
            except self._client.exceptions.ResourceExistsException:  # its answer was lost before
                await self._client.put_secret_value(SecretId=name, SecretBinary=value)

    async def get(self, place: str) -> bytes | None:
        async with _told():
            try:
                found = await self._client.get_secret_value(SecretId=PREFIX + place)
            except self._client.exceptions.ResourceNotFoundException:
                return None
            except self._client.exceptions.InvalidRequestException:  # marked for deletion by somebody
                return None
            kept = found.get("SecretBinary")  # none: somebody wrote a text in its place
            return bytes(kept) if kept is not None else None

    async def delete(self, place: str) -> None:
        async with _told():
            try:
                # Without, it would be kept for thirty days more: a member who disconnects means at once.
                await self._client.delete_secret(SecretId=PREFIX + place, ForceDeleteWithoutRecovery=True)
            except self._client.exceptions.ResourceNotFoundException:
                return

    async def close(self) -> None:
        await self._stack.aclose()


@asynccontextmanager
async def _told() -> AsyncIterator[None]:
    async with in_time(TITLE):
        try:
            yield
        except NoRegionError as error:
            raise StoreAway(f"{TITLE}: no region is known. Set AWS_REGION.") from error
        except NoCredentialsError as error:
            raise StoreAway(f"{TITLE}: no credentials. Give this machine a role, or set AWS_PROFILE.") from error
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            raise StoreAway(f"{TITLE} {REASONS.get(code, f'refuses ({code}).')}") from error
        except BotoCoreError as error:
            raise StoreAway(f"{TITLE} cannot be reached ({type(error).__name__}): check the network.") from error
