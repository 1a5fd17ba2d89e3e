"""Descriptions and answers that were made to cost: what they would become is counted before it is built."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mcp_runtime.own_servers import openapi_schemas
from mcp_runtime.own_servers.openapi_document import Document, NoDescription
from mcp_runtime.own_servers.web_requests import Answer

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{each}: &a{each} [{', '.join([f'*a{each - 1}'] * 9)}]\n" for each in range(1, 13)
)
MERGES = "x0: &x0 {a: 1}\n" + "".join(
    f"x{each}: &x{each} {{<<: [{', '.join([f'*x{each - 1}'] * 9)}]}}\n" for each in range(1, 9)
)
POST = "paths: {/t: {post: {requestBody: {content: {application/json: {schema: "


@pytest.mark.parametrize(
    "text",
    [
        f"{LAUGHS}{POST}{{enum: *a12}}}}}}}}}}}}}}\n",
        f"{MERGES}paths: {{/t: {{get: *x8}}}}\n",
        f"paths: {{/t: {{get: {'[' * 100_000}",
        f"paths: {{/t: {{get: {'{a: ' * 100_000}",
        f"paths:\n{'- ' * 100_000}a\n",
        POST + "&s {enum: &e [*e]}}}}}}}\n",
        "paths: &p {/t: {get: {parameters: [*p]}}}\n",
        '{"paths": ' + '{"a": ' * 100_000,
        "paths: !!python/object/apply:os.getcwd []\n",
    ],
    ids=["laughs", "merges", "lists", "mappings", "blocks", "itself", "parameters", "json", "python"],
)
def test_what_would_become_more_than_it_is_describes_no_api(text: str) -> None:
    with pytest.raises(NoDescription):
        Document(text)


def test_aliases_that_are_meant_to_be_read_are() -> None:
    document = Document("s: &s {type: string}\n" + POST + "{properties: {a: *s, b: *s}}}}}}}}\n")
    (found,) = document.operations()
    assert found.schema["properties"]["body"]["properties"] == {"a": {"type": "string"}, "b": {"type": "string"}}


def test_a_list_that_many_operations_name_is_looked_at_no_further_than_is_offered() -> None:
    named: Any = {"$ref": "#/components/schemas/Long"}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"a": named}}}}}
    paths = {f"/p{each}": {"post": {"requestBody": body}} for each in range(200)}
    document = Document(json.dumps({"paths": paths, "components": {"schemas": {"Long": {}}}}))
    long = document.tree["components"]["schemas"]["Long"]["enum"] = _Walked(range(100_000))
    found = document.operations()
    assert len(found) == 200 and all("enum" not in json.dumps(each.schema) for each in found)
    assert long.walked <= openapi_schemas.MOST_PARTS


class _Walked(list[int]):
    """Counts how far it is gone through."""

    walked = 0

    def __iter__(self) -> Iterator[int]:
        for each in super().__iter__():
            self.walked += 1
            yield each


def test_an_answer_too_deep_to_read_is_told_as_the_text_that_it_is() -> None:
    text = "[" * 20_000
    assert Answer(200, "application/json", text, cut=False).told() == {"status": 200, "answer": text}
