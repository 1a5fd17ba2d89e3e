"""What the cards ask, and the servers that they make."""

import pytest

from mcp_runtime.programs import PROGRAMS
from mcp_runtime.specs import HttpSpec, SecretPlace, StdioSpec, as_json, from_json
from run_cards import CARDS, RunCard

BY_NAME = {card.name: card for card in CARDS}
CUSTOM = BY_NAME["custom"]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_only_what_a_page_can_fold_is_folded(card: RunCard) -> None:
    assert all(field.secret or field.later for field in card.fields if field.fold)


def test_time_needs_nothing_and_its_tools_only_read() -> None:
    card = BY_NAME["time"]
    assert card.complaints({}) == {}
    spec = card.server({})
    assert isinstance(spec, StdioSpec) and spec.program in PROGRAMS
    assert card.reads == {"get_current_time", "convert_time"}


def test_custom_makes_a_server_of_its_address_and_takes_the_name_given() -> None:
    values = {"name": " Notes ", "url": " https://mcp.example.com/mcp "}
    assert CUSTOM.complaints(values) == {}
    assert CUSTOM.server(values) == HttpSpec("https://mcp.example.com/mcp")
    assert CUSTOM.title_for(values) == "Notes"
    assert CUSTOM.reads == frozenset()


def test_the_address_may_be_plain_http_for_the_reach_to_decide() -> None:
    assert CUSTOM.complaints({"name": "Notes", "url": "http://127.0.0.1:8123/mcp"}) == {}


NO_ADDRESSES = [
    "",
    "mcp.example.com",
    "ftp://x/y",
    "javascript:alert(1)",
    "https://",
    "https://a b/",
    "https://u:p@x/",
    "https://x:99999/",
    "https://[/",
]


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_address_is_told_under_its_field(url: str) -> None:
    assert list(CUSTOM.complaints({"name": "Notes", "url": url})) == ["url"]


@pytest.mark.parametrize("name", ["x" * 41, "two\nlines", "Usher", "ush-er"])
def test_what_is_no_name_is_told_under_its_field(name: str) -> None:
    assert list(CUSTOM.complaints({"name": name, "url": "https://mcp.example.com"})) == ["name"]


TOKENS = {"": True, "abc.DEF-123_~+/=": True, "Bearer abc": True, "a\nb": False, "é": False}


@pytest.mark.parametrize(("token", "fine"), TOKENS.items())
def test_a_token_is_one_plain_word_or_nothing(token: str, fine: bool) -> None:
    assert CUSTOM.secret is not None
    assert (CUSTOM.secret.check(token) is None) is fine


@pytest.mark.parametrize(
    "spec",
    [
        HttpSpec("https://x/mcp", (("a", "b"),), (SecretPlace("key", "X-Api-Key", ""),)),
        StdioSpec("time", ("-x",), (("token", "TOKEN"),)),
    ],
)
def test_a_server_is_the_same_after_it_was_stored(spec: HttpSpec | StdioSpec) -> None:
    assert from_json(as_json(spec)) == spec


def test_github_takes_a_personal_token_and_nothing_else() -> None:
    card = BY_NAME["github"]
    assert card.secret is not None
    assert card.secret.check("github_pat_abc") is None and card.secret.check("ghp_abc") is None
    assert card.secret.check("") and card.secret.check("hunter2") and card.secret.check("ghp_a b")


def test_github_only_reads_unless_changes_are_asked_for() -> None:
    card = BY_NAME["github"]
    toolsets = ("X-MCP-Toolsets", "context,repos,issues,pull_requests,users")
    url = "https://api.githubcopilot.com/mcp/"
    assert card.server(card.filled({})) == HttpSpec(url, (toolsets, ("X-MCP-Readonly", "true")))
    assert card.server(card.filled({"read_only": ""})) == HttpSpec(url, (toolsets,))
    assert list(card.complaints(card.filled({"toolsets": ""}))) == ["toolsets"]


def test_supabase_is_one_project_that_is_only_read() -> None:
    card = BY_NAME["supabase"]
    values = card.filled({"project": " abcdefghijklmnopqrst ", "features": "database,docs"})
    assert card.complaints(values) == {}
    url = "https://mcp.supabase.com/mcp?project_ref=abcdefghijklmnopqrst"
    assert card.server(values) == HttpSpec(f"{url}&read_only=true&features=database,docs")
    assert card.server(values | {"read_only": ""}) == HttpSpec(f"{url}&features=database,docs")
    assert list(card.complaints(values | {"project": "x&read_only=false"})) == ["project"]


def test_supabase_takes_sql_that_writes_only_where_changes_were_asked_for() -> None:
    card = BY_NAME["supabase"]
    reading = card.filled({"project": "abcdefghijklmnopqrst"})
    check = card.argument_checks["execute_sql"]
    assert check({"query": "DELETE FROM t"}, card.server(reading))
    assert check({"query": "SELECT 1"}, card.server(reading)) is None
    assert check({"query": "DELETE FROM t"}, card.server(reading | {"read_only": ""})) is None


@pytest.mark.parametrize("query", ["api_key=abc", "x=1&Token=abc", "key="])
def test_a_key_in_a_custom_address_is_refused_since_it_would_not_be_sealed(query: str) -> None:
    complaints = CUSTOM.complaints({"name": "Notes", "url": f"https://mcp.example.com/mcp?{query}"})
    assert "I ask for it by itself" in complaints["url"]
    assert CUSTOM.complaints({"name": "Notes", "url": "https://mcp.example.com/mcp?region=eu"}) == {}
