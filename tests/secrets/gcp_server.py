"""Google's Secret Manager on loopback: the official messages over gRPC, with the answers its documentation promises."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
from google.cloud.secretmanager_v1 import SecretManagerServiceAsyncClient
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
    SecretManagerServiceGrpcAsyncIOTransport,
)
from google.cloud.secretmanager_v1.types import resources, service
from google.protobuf import empty_pb2

PROJECT = "usher-test"
NAME = re.compile(rf"projects/{PROJECT}/secrets/([A-Za-z0-9_-]{{1,255}})(/versions/latest)?")
LARGEST = 64 << 10


class SecretManager:
    """``refuses`` is what it answers to everything, while it is set."""

    def __init__(self) -> None:
        self.secrets: dict[str, list[bytes]] = {}
        self.refuses: grpc.StatusCode | None = None
        self.asked: list[str] = []

    async def create(self, request: service.CreateSecretRequest, context: Any) -> resources.Secret:
        if request.parent != f"projects/{PROJECT}" or "automatic" not in request.secret.replication:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "parent or replication")
        name = f"{request.parent}/secrets/{request.secret_id}"
        if not NAME.fullmatch(name):
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "secret_id")
        if name in self.secrets:
            await context.abort(grpc.StatusCode.ALREADY_EXISTS, "exists")
        self.secrets[name] = []
        return resources.Secret(name=name)

    async def add(self, request: service.AddSecretVersionRequest, context: Any) -> resources.SecretVersion:
        if request.parent not in self.secrets:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such secret")
        if not 0 < len(request.payload.data) <= LARGEST:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "size")
        self.secrets[request.parent].append(request.payload.data)
        return resources.SecretVersion(name=f"{request.parent}/versions/{len(self.secrets[request.parent])}")

    async def access(self, request: service.AccessSecretVersionRequest, context: Any) -> Any:
        name, _, version = request.name.rpartition("/versions/")
        if version != "latest" or not self.secrets.get(name):
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such version")
        return service.AccessSecretVersionResponse(payload={"data": self.secrets[name][-1]})

    async def delete(self, request: service.DeleteSecretRequest, context: Any) -> empty_pb2.Empty:
        if self.secrets.pop(request.name, None) is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such secret")
        return empty_pb2.Empty()

    def handlers(self) -> grpc.GenericRpcHandler:
        methods = {
            "CreateSecret": (self.create, service.CreateSecretRequest, resources.Secret.serialize),
            "AddSecretVersion": (self.add, service.AddSecretVersionRequest, resources.SecretVersion.serialize),
            "AccessSecretVersion": (
                self.access,
                service.AccessSecretVersionRequest,
                service.AccessSecretVersionResponse.serialize,
            ),
            "DeleteSecret": (self.delete, service.DeleteSecretRequest, empty_pb2.Empty.SerializeToString),
        }
        found = {name: self._method(name, *each) for name, each in methods.items()}
        return grpc.method_handlers_generic_handler("google.cloud.secretmanager.v1.SecretManagerService", found)

    def _method(self, name: str, act: Callable[..., Any], request: Any, answer: Any) -> grpc.RpcMethodHandler:
        async def called(asked: Any, context: Any) -> Any:
            self.asked.append(name)
            if self.refuses:
                await context.abort(self.refuses, "as the test wants it")
            return await act(asked, context)

        return grpc.unary_unary_rpc_method_handler(called, request.deserialize, answer)


@asynccontextmanager
async def secret_manager() -> AsyncIterator[tuple[SecretManager, Callable[[], SecretManagerServiceAsyncClient]]]:
    """The server, and what makes a client that speaks to it."""
    manager, server = SecretManager(), grpc.aio.server()
    server.add_generic_rpc_handlers((manager.handlers(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()

    def client() -> SecretManagerServiceAsyncClient:
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
        return SecretManagerServiceAsyncClient(transport=SecretManagerServiceGrpcAsyncIOTransport(channel=channel))

    try:
        yield manager, client
    finally:
        await server.stop(None)
