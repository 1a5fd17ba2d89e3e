"""Who an operator has registered Usher as, at services that sign members in and register no app by themselves."""

import json
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from mcp_runtime.oauth.grants import Client
from mcp_runtime.oauth.registration import METHODS, Registered
from mcp_runtime.oauth.web_addresses import is_safe

FORM = 'has to be JSON such as {"github": {"issuer": "https://…", "client_id": "…", "client_secret": "…"}}'


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)

    issuer: str
    client_id: str
    client_secret: SecretStr | None = None
    method: str | None = None


def registered(value: SecretStr | None) -> Registered:
    """Raises ValueError that goes on from the variable's name, and holds nothing of its value but entries' names."""
    if value is None:
        return Registered()
    try:
        found = json.loads(value.get_secret_value())
    except ValueError:
        raise ValueError(FORM) from None
    if not isinstance(found, Mapping) or not all(isinstance(each, Mapping) for each in found.values()):
        raise ValueError(FORM)
    clients = {str(name): _client(str(name), entry) for name, entry in found.items()}
    by_issuer = {client.issuer: client for client in clients.values()}
    if len(by_issuer) < len(clients):
        raise ValueError("names one issuer twice: Usher is registered with each once")
    return Registered(by_issuer, {name: client.issuer for name, client in clients.items()})


def checked(value: SecretStr | None) -> SecretStr | None:
    registered(value)
    return value


def _client(name: str, entry: Mapping[str, object]) -> Client:
    """An entry may be called by its issuer, which then need not be said again."""
    try:
        told = _Entry.model_validate({"issuer": name, **entry})
    except ValidationError as error:
        field = ".".join(str(each) for each in error.errors(include_input=False)[0]["loc"])
        raise ValueError(f"is wrong about {name[:60]!r}: look at its {field}; it {FORM}") from None
    secret = told.client_secret.get_secret_value() if told.client_secret else None
    method = told.method or ("client_secret_post" if secret else "none")
    if not is_safe(told.issuer, told.issuer):
        raise ValueError(f"is wrong about {name[:60]!r}: its issuer has to be an https address")
    if method not in METHODS or (method == "none") != (secret is None):
        told_methods = "client_secret_post or client_secret_basic with a client_secret, none without"
        raise ValueError(f"is wrong about {name[:60]!r}: its method has to be {told_methods}")
    return Client(told.issuer, told.client_id, secret, method)
