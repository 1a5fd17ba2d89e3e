"""What a server sends costs so much work and no more: there is one event loop, and everybody waits for it."""

from typing import Any

import pytest
from mcp import types

from mcp_runtime.tools import output_schemas, repetition
from mcp_runtime.tools.output_schemas import misfit
from mcp_runtime.tools.repetition import Repeated
from mcp_runtime.tools.results import for_model
from mcp_runtime.transports.mending.results import MAX_BLOCKS


class Counted(list[Any]):
    """A part of a structure that counts how often it is compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return super().__eq__(other)


def test_a_text_that_a_structure_says_already_is_known_again() -> None:
    structure = {"a": [1, {"b": "seen "}], "n": None, "yes": True}
    repeated = Repeated(structure)
    for text in ('[1, {"b": "seen "}]', " seen\n", '"seen "', "1", "null", "true", '{"b": "seen "}'):
        assert repeated.says(text), text
    for text in ("[1]", "unseen", "2", '{"b": "seen"}', '{"c": "seen "}', ""):
        assert not repeated.says(text), text


def test_thousands_of_texts_beside_thousands_of_parts_are_not_all_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counted, "compared", 0)
    monkeypatch.setattr(repetition, "_shape", lambda part: (list, len(part)))
    texts = [types.TextContent(type="text", text=f"[{number}, 0]") for number in range(MAX_BLOCKS)]
    structure = {"rows": [Counted([0, number]) for number in range(1, 1000)]}
    output = for_model("Odd", types.CallToolResult(content=list(texts), structured_content=structure)).output
    assert output["text"].splitlines() == [each.text for each in texts]
    assert 0 < Counted.compared <= repetition.MAX_COMPARED


def test_names_that_a_definition_requires_are_looked_for_so_often_and_no_more() -> None:
    required = {"required": [f"k{number}" for number in range(6000)]}
    row = _HasAll()
    assert misfit({"outputSchema": {"properties": {"rows": {"items": required}}}}, {"rows": [row] * 1000}) == []
    assert 0 < row.asked <= output_schemas.MAX_NAMES


def test_a_long_path_that_leads_to_itself_is_not_followed_for_long() -> None:
    path = _Path("#" + "/" * 60_000)
    assert misfit({"outputSchema": {"$ref": path}}, {"a": 1}) == []
    assert path.followed <= output_schemas.MAX_NAMES // len(path) + 1


class _HasAll(dict[str, Any]):
    """Counts how often it is asked for a name."""

    asked = 0

    def __contains__(self, name: object) -> bool:
        self.asked += 1
        return True


class _Path(str):
    """Counts how often it is looked at."""

    followed = 0

    def startswith(self, *given: Any) -> bool:
        self.followed += 1
        return super().startswith(*given)
