"""What a server sends costs so much work and no more: there is one event loop, and everybody waits for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from mcp import types

from mcp_runtime.tools import output_schemas, repetition, results, untrusted_text
from mcp_runtime.tools.output_schemas import misfit
from mcp_runtime.tools.repetition import Repeated
from mcp_runtime.tools.results import for_model
from mcp_runtime.transports.mending import results as mending_results
from mcp_runtime.transports.mending.results import (
    FEWER,
    MAX_APART,
    MAX_BLOCKS,
    MAX_OTHERS,
    mended_result,
    notes_of,
)


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


def test_a_long_list_is_compared_no_further_than_so_many_steps() -> None:
    rows = _Walked(range(100_000))
    assert misfit({"outputSchema": {"properties": {"rows": {"items": {"type": "integer"}}}}}, {"rows": rows}) == []
    assert 0 < rows.walked <= output_schemas.MAX_STEPS + 1


class _Walked(list[int]):
    """Counts how far it is gone through."""

    walked = 0

    def __iter__(self) -> Iterator[int]:
        for each in super().__iter__():
            self.walked += 1
            yield each


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


class _Cleaned:
    """Counts the characters that are looked through for what cannot be seen."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.characters = 0
        plain = untrusted_text.visible

        def counted(text: str) -> str:
            self.characters += len(text)
            return plain(text)

        for module in (untrusted_text, results):
            monkeypatch.setattr(module, "visible", counted)


@pytest.mark.parametrize("failed", [False, True])
def test_of_texts_without_end_so_much_is_cleaned_as_may_be_told(monkeypatch: pytest.MonkeyPatch, failed: bool) -> None:
    cleaned = _Cleaned(monkeypatch)
    texts = [types.TextContent(type="text", text="\U0001f468\u200d" * 100_000) for _ in range(10)]
    given = for_model("Odd", types.CallToolResult(content=list(texts), is_error=failed))
    assert cleaned.characters <= 3 * results.MAX_READ
    if failed:
        assert len(given.error) < 2 * results.MAX_TEXT
    else:
        assert len(given.output["result"]) == results.MAX_TEXT
        assert int(given.output["cut"].split()[-2]) > 1_800_000


def test_of_a_long_text_the_beginning_is_shown_and_that_there_is_more(monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned = _Cleaned(monkeypatch)
    assert untrusted_text.shown("a" * 5_000_000, 10) == "aaaaaaaaa…"
    assert untrusted_text.one_line("b\n" * 5_000_000, 10) == "b b b b b…"
    assert untrusted_text.shown("\u200b" * 5_000_000, 10) == "…"
    assert untrusted_text.shown("  whole \n", 10) == "whole"
    assert cleaned.characters < 20_000


def test_of_all_texts_beside_a_structure_so_much_is_read_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    monkeypatch.setattr(repetition, "_read", lambda text: read.append(len(text)))
    repeated = Repeated({"a": 1})
    assert not any([repeated.says("[" + "1," * 100_000 + "1]") for _ in range(30)])
    assert 0 < sum(read) <= repetition.MAX_LENGTH


def mended(content: list[Any], structured: Any = None) -> types.CallToolResult:
    """As it is once it has come in."""
    given = {"content": content} | ({} if structured is None else {"structuredContent": structured})
    mended_result(given, "2025-06-18")
    return types.CallToolResult.model_validate(given, by_name=False)


def test_thousands_of_texts_are_handed_on_as_few_and_told_alike() -> None:
    content = [{"type": "text", "text": f"{number}", "annotations": {"priority": 1}} for number in range(MAX_BLOCKS)]
    content[700] = {"type": "resource", "resource": {"uri": "x://y", "text": "between"}}
    result = mended(content)
    assert len(result.content) == MAX_APART + 3
    lines = for_model("Odd", result).output["result"].splitlines()
    assert lines == [*map(str, range(700)), "between", *map(str, range(701, MAX_BLOCKS))]


@pytest.mark.parametrize(
    "other",
    [{"type": "image", "data": "AA==", "mimeType": "image/png"}, {"type": "image"}, {"type": "odd"}, 7, ["x"]],
)
def test_of_blocks_that_are_no_text_so_many_are_looked_at(monkeypatch: pytest.MonkeyPatch, other: Any) -> None:
    looked: list[Any] = []
    plain = mending_results.block
    monkeypatch.setattr(mending_results, "block", lambda *given: looked.append(given) or plain(*given))
    result = mended([*[other] * 1000, {"type": "text", "text": "the end"}])
    assert len(looked) == MAX_OTHERS + 1
    output = for_model("Odd", result, notes=notes_of(result)).output
    assert output["result"].endswith("the end") and output["notes"][0] == FEWER.format(MAX_OTHERS)
