"""The interface in OpenAPI 3.1, made from the same table as its routes."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.services.tokens.repeats import LONGEST, SHORTEST
from bot.web.api.door import PREFIX
from bot.web.api.operations import ID, Operation
from bot.web.api.problems import PROBLEM, STATUSES, Problem

ABOUT = (
    "What a program may ask of Usher in a member's name, by an access token that the member has made on Usher's Home "
    "tab in Slack. A token is good for what it was made for and for what its member may do at that moment. There are "
    "no secrets and no words of chats in it."
)
SECURITY = {"token": {"type": "http", "scheme": "bearer", "description": "An access token: `ushp_…`"}}
REFERENCE = "#/components/schemas/{model}"
LEFT = {"description": "What is left of it.", "schema": {"type": "string"}}
ALWAYS = {
    "RateLimit-Policy": {"description": "How often a token may ask.", "schema": {"type": "string"}},
    "RateLimit": LEFT,
}
AGAIN = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}}
ANY, WITH_ID, WITH_BODY = (400, 401, 403, 422, 429, 500, 503), (404,), (408, 413, 415)
"""Of `STATUSES`, by what an operation takes."""


def description(operations: Sequence[Operation], base_url: str) -> dict[str, Any]:
    """``base_url`` is where it is reached."""
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        paths.setdefault(PREFIX + each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Usher", "version": "1", "description": ABOUT},
        "servers": [{"url": base_url}],
        "tags": [{"name": name} for name in dict.fromkeys(each.tag for each in operations)],
        "paths": paths,
        "security": [{"token": []}],
        "components": {"schemas": _schemas(operations), "securitySchemes": SECURITY},
    }


def _schemas(operations: Sequence[Operation]) -> dict[str, Any]:
    sent = {each.body for each in operations if each.body}
    told: set[type[BaseModel]] = {each.answer for each in operations} | {Problem}
    modes = [
        (model, mode)
        for models, mode in ((sent, "validation"), (told, "serialization"))
        for model in sorted(models, key=lambda model: model.__name__)
    ]
    _, schemas = models_json_schema(modes, ref_template=REFERENCE)  # type: ignore[arg-type]
    found: dict[str, Any] = schemas["$defs"]
    return found


def _operation(each: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": each.name,
        "tags": [each.tag],
        "summary": each.summary,
        "parameters": _parameters(each),
        "responses": _responses(each),
    }
    if each.scope:
        told["x-scope"] = str(each.scope)
        told["description"] = f"Needs the scope `{each.scope}`{', and an admin' if each.admins else ''}."
    if each.body:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": _named(each.body)}}}
    return told


def _parameters(each: Operation) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": f"^{ID}$"}}
        for name in each.parts
    ]
    if each.query:
        asked = each.query.model_json_schema()
        found += [
            {"name": name, "in": "query", "required": name in asked.get("required", []), "schema": schema}
            for name, schema in asked["properties"].items()
        ]
    if each.method == "POST":
        bounds = {"type": "string", "minLength": SHORTEST, "maxLength": LONGEST, "pattern": "^[!-~]+$"}
        about = "The same request with the same key is done once, and answered as the first time, for a day."
        found.append(
            {"name": "Idempotency-Key", "in": "header", "required": False, "description": about, "schema": bounds}
        )
    return found


def _responses(each: Operation) -> dict[str, Any]:
    content = {"application/json": {"schema": _named(each.answer)}}
    found: dict[str, Any] = {str(each.status): {"description": each.summary, "headers": ALWAYS, "content": content}}
    conflicts = (409,) if each.method != "GET" else ()
    for status in sorted({*ANY, *(WITH_ID if each.parts else ()), *(WITH_BODY if each.body else ()), *conflicts}):
        refused: dict[str, Any] = {"description": STATUSES[status], "content": {PROBLEM: {"schema": _named(Problem)}}}
        found[str(status)] = refused | ({"headers": AGAIN} if status in (429, 503) else {})
    return found


def _named(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model.__name__)}
