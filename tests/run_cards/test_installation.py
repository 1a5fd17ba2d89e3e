"""Cards that an installation adds: what makes one, and how all that is wrong with a file is told at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from mcp_runtime.specs import HttpSpec
from mcp_runtime.tools.tools import Cost, DryRun
from run_cards import CARDS, RunCard, with_added
from run_cards.card import OAuth
from run_cards.checks import looks_like_usher
from run_cards.icons import ICONS
from run_cards.installation import MOST, Sources, Wrong, read

TOKEN = "wiki-token-6c1f"
WIKI = """
cards:
  - name: wiki
    title: Wiki
    about: Search and edit our handbook.
    url: https://wiki.example.org/mcp
    icon: ":books:"
    read_only: [search, read_page]
    authentication: shared
    token_variable: WIKI_TOKEN
  - name: tickets
    title: Tickets
    about: What customers ask.
    url: https://tickets.example.org/mcp
    authentication: token
    token_hint: Make one under Profile → Access tokens.
  - name: weather
    title: Weather
    about: Rain or sun.
    url: https://weather.example.org/mcp
    authentication: none
"""
GOOD = {
    "name": "wiki",
    "title": "Wiki",
    "about": "Our handbook.",
    "url": "https://wiki.example.org/mcp",
    "authentication": "none",
}


def missing_file(name: str) -> str:
    raise FileNotFoundError(2, "No such file or directory")


SOURCES = Sources({"WIKI_TOKEN": TOKEN, "TWO_WORDS": "Bearer abc"}.get, missing_file, {"GEMINI_API_KEY"})


def complaints(text: str, sources: Sources = SOURCES, **options: bool) -> list[str]:
    with pytest.raises(Wrong) as wrong:
        read(text, CARDS, sources, **options)
    assert TOKEN not in str(wrong.value)
    return list(wrong.value.lines)


def complaint(sources: Sources = SOURCES, **changes: Any) -> str:
    """Of one card that is good but for these fields."""
    entry = {name: value for name, value in (GOOD | changes).items() if value is not None}
    [told] = complaints(json.dumps({"cards": [entry]}, indent=1), sources, is_json=True)
    return told


def test_a_file_makes_cards_that_come_after_the_clock() -> None:
    wiki, tickets, weather = read(WIKI, CARDS, SOURCES)

    names = [card.name for card in with_added((wiki, tickets, weather))]
    assert names[:5] == ["time", "wiki", "tickets", "weather", "custom"]
    assert names[5:] == [card.name for card in CARDS[2:]]
    assert wiki.server({}) == HttpSpec("https://wiki.example.org/mcp")
    assert (wiki.icon, wiki.reads) == (":books:", {"search", "read_page"})
    assert weather.icon == ":electric_plug:"


def test_the_documents_example_is_one() -> None:
    text = Path(__file__).parents[2].joinpath("docs", "operations.md").read_text()
    example = text.partition("```yaml\n")[2].partition("```")[0]

    [card] = read(example, CARDS, SOURCES)

    assert (card.name, card.shared, card.reads) == ("wiki", TOKEN, {"search", "read_page"})
    assert card.costs == {"ask_archive": Cost(per_call=400_000, of=1_000)}


def test_a_file_says_what_calls_cost() -> None:
    run = {"tool": "try_query", "answer": "statistics.bytes"}
    query = {"each": 6.25, "of": 2**40, "unit": "bytes", "dry_run": run}
    costs = {"query": query, "export": {"each": 0.00002, "unit": "rows", "argument": "limit"}, "ask": {}}
    [card] = read(json.dumps({"cards": [GOOD | {"costs": costs}]}), CARDS, SOURCES, is_json=True)

    assert card.costs["query"].money(3 * 2**40) == 18_750_000 and card.costs["query"].dry_run == DryRun(**run)
    assert card.costs["export"].money(20_000) == 400_000
    assert card.costs["ask"].money(None) is None and card.costs["ask"].money(5) is None


def test_shared_access_asks_nothing_and_says_whose_it_is() -> None:
    wiki, *_ = read(WIKI, CARDS, SOURCES)

    assert wiki.fields == () and wiki.shared == TOKEN
    assert wiki.notes == ("One click: your admins have set up access for everybody.",)
    assert TOKEN not in repr(wiki)


def test_a_members_own_token_is_asked_for_and_checked_as_any() -> None:
    _, tickets, weather = read(WIKI, CARDS, SOURCES)

    assert tickets.shared is None and weather.shared is None and weather.fields == ()
    assert tickets.secret is not None
    assert tickets.secret.hint == "Make one under Profile → Access tokens."
    assert tickets.secret.check("") and tickets.secret.check("Bearer abc") and tickets.secret.check("abc") is None


def test_json_is_read_as_well_with_tabs_and_escapes() -> None:
    text = json.dumps({"cards": [GOOD | {"about": "Tea ☕ \U0001f375"}]}, indent="\t")

    [card] = read(text, CARDS, SOURCES, is_json=True)

    assert card.about == "Tea ☕ \U0001f375"


def test_a_token_may_lie_in_a_file_beside_it() -> None:
    asked: list[str] = []

    def file(name: str) -> str:
        asked.append(name)
        return f"{TOKEN}\n"

    entry = GOOD | {"authentication": "shared", "token_file": "wiki.token"}
    [card] = read(json.dumps({"cards": [entry]}), CARDS, Sources(SOURCES.variable, file), is_json=True)

    assert (card.shared, asked) == (TOKEN, ["wiki.token"])


def test_all_that_is_wrong_is_told_at_once_with_line_card_and_field() -> None:
    told = complaints(
        """cards:
  - name: Wiki!
    title: Usher
    about: Our handbook.
    url: wiki.example.org
    authentication: magic
  - name: tickets
    title: 7
    url: https://tickets.example.org/mcp
    authentication: none
    colour: blue
"""
    )
    assert [line.split(" is ")[0].split(" has ")[0].split(": ")[0] for line in told] == [
        "line 2, card 1 (Wiki!), name",
        "line 3, card 1 (Wiki!), title",
        "line 5, card 1 (Wiki!), url",
        "line 6, card 1 (Wiki!), authentication",
        "line 8, card 2 (tickets), title",
        "line 7, card 2 (tickets), about",
        "line 11, card 2 (tickets), colour",
    ]
    assert told[3].endswith("authentication has to be none, token, shared or oauth.")
    assert told[4].endswith("title has to be text: put it in quotes.")
    assert told[5].endswith("about is missing.")
    assert told[6].endswith("colour is no field of a card.")


def test_a_card_may_say_that_its_service_signs_members_in() -> None:
    entry = GOOD | {"authentication": "oauth", "scopes": ["notes:read", "offline_access"], "client": "wiki"}
    [card] = read(json.dumps({"cards": [entry]}), CARDS, SOURCES, is_json=True)
    assert card.oauth == OAuth(("notes:read", "offline_access"), "wiki") and not card.secrets and not card.notes


WRONG_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "a name with a space": ({"name": "our wiki"}, "small letters, digits and hyphens"),
    "a long name": ({"name": "w" * 21}, "1 to 20"),
    "a built-in name": ({"name": "github"}, "name is that of one of Usher's own cards"),
    "a built-in title": ({"title": "Custom"}, "title is that of one of Usher's own cards"),
    "a title like a built-in name": ({"title": "SUPABASE"}, "title is that of one of Usher's own cards"),
    "our own name": ({"name": "usher"}, "Usher's own name"),
    "our own name in disguise": ({"title": "Uѕhеr"}, "Usher's own name"),
    "a long title": ({"title": "w" * 25}, "one line of 1 to 24 characters"),
    "a title of two lines": ({"title": "a\nb"}, "one line"),
    "a blank title": ({"title": "  "}, "one line"),
    "a long text": ({"about": "w" * 151}, "one line of 1 to 150 characters"),
    "a text that turns round": ({"about": "a\u202eb"}, "one line"),
    "no web address": ({"url": "wiki"}, "starts with https://"),
    "a key in the address": ({"url": "https://wiki.example.org/?api_key=x"}, "Leave the key out"),
    "a password in the address": ({"url": "https://a:b@wiki.example.org/"}, "name and password out of the address"),
    "a strange icon": ({"icon": "white_check_mark"}, "An icon is one of: "),
    "a picture as icon": ({"icon": "📚"}, "An icon is one of: "),
    "tools as one text": ({"read_only": "search"}, "read_only has to be a list"),
    "a tool with a blank": ({"read_only": ["search all"]}, "A tool's name is one word"),
    "no authentication": ({"authentication": None}, "authentication is missing"),
    "shared without a place": ({"authentication": "shared"}, "either token_variable or token_file"),
    "shared with two places": (
        {"authentication": "shared", "token_variable": "WIKI_TOKEN", "token_file": "x"},
        "either token_variable or token_file",
    ),
    "a place without shared": ({"token_variable": "WIKI_TOKEN"}, "token_variable belongs to shared access alone"),
    "scopes without signing in": ({"scopes": ["read"]}, "scopes is for services that sign their members in"),
    "a client without signing in": ({"client": "wiki"}, "client is for services that sign their members in"),
    "a scope of two words": ({"authentication": "oauth", "scopes": ["read write"]}, "A scope is one word."),
    "a hint without a token": ({"token_hint": "Make one."}, "token_hint is for members"),
    "units that nobody tells": ({"costs": {"query": {"each": 1, "unit": "rows"}}}, "either argument or dry_run"),
    "what is counted without a unit": ({"costs": {"query": {"each": 1.5}}}, "needs its unit"),
    "a cost below nothing": ({"costs": {"query": {"per_call": -1.0}}}, "cannot be used"),
    "a token in the file": ({"token": "wiki-token"}, "A token never stands in this file"),
    "headers in the file": ({"headers": {"Authorization": "x"}}, "A token never stands in this file"),
    "the token as variable": (
        {"authentication": "shared", "token_variable": "wiki-token"},
        "the name of a variable, such as WIKI_TOKEN",
    ),
    "a variable that is not set": (
        {"authentication": "shared", "token_variable": "NO_TOKEN"},
        "the variable of this name is not set",
    ),
    "a variable with two words": (
        {"authentication": "shared", "token_variable": "TWO_WORDS"},
        "what it names holds no token",
    ),
    "one of Usher's own secrets": (
        {"authentication": "shared", "token_variable": "GEMINI_API_KEY"},
        "GEMINI_API_KEY is one of Usher's own settings",
    ),
    "a file that is not there": (
        {"authentication": "shared", "token_file": "no.token"},
        "what it names cannot be read (No such file or directory)",
    ),
}


@pytest.mark.parametrize(("changes", "text"), WRONG_FIELDS.values(), ids=WRONG_FIELDS)
def test_each_field_has_its_own_complaint(changes: dict[str, Any], text: str) -> None:
    told = complaint(**changes)

    assert text in told and told.startswith("line ")
    assert "wiki-token" not in told


def test_a_token_in_the_place_of_its_variable_is_not_repeated() -> None:
    told = complaint(authentication="shared", token_variable="ghp_0123456789abcdefABCDEF")

    assert "the variable of this name is not set" in told and "ghp_" not in told


def test_aliases_that_could_stand_for_millions_are_refused_at_once() -> None:
    rows = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))
    with pytest.raises(Wrong, match="aliases"):
        read(f"a0: &a0 [x]\n{rows}\n", CARDS, Sources({}.get, lambda _: "", set()))


def test_two_cards_cannot_have_one_name_or_each_others() -> None:
    second = GOOD | {"name": "other", "title": "wiki"}
    [told] = complaints(json.dumps({"cards": [GOOD, second]}), is_json=True)

    assert "card 2 (other), title is that of card 1" in told


def test_a_key_said_twice_is_told_since_one_would_count_for_nothing() -> None:
    [told] = complaints(WIKI.replace("    about: Rain or sun.\n", "    about: Rain.\n    about: Sun.\n"))

    assert told == "line 19, card 3 (weather), about is said twice."


def test_there_is_a_limit_and_it_is_told() -> None:
    cards = [GOOD | {"name": f"wiki-{number}", "title": f"Wiki {number}"} for number in range(MOST + 1)]
    [told] = complaints(json.dumps({"cards": cards}), is_json=True)

    assert f"An installation may add {MOST} cards." in told
    assert len(read(json.dumps({"cards": cards[:MOST]}), CARDS, SOURCES, is_json=True)) == MOST


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "The file has to begin with cards: and list them below."),
        ("just words", "The file has to begin with cards: and list them below."),
        ("wikis: []", "The file has to begin with cards: and list them below."),
        ("cards: 7", "The file has to begin with cards: and list them below."),
        ("cards: [7]", "has to be a card with name, title, about, url and authentication."),
        ("cards: [", "line 1 is not YAML"),
        ("cards:\n  - name: a\n title: b", "line 3 is not YAML"),
        ("cards: \x00", "it is not YAML."),
        ("cards: &a [*a]", "it uses *aliases"),
    ],
)
def test_what_is_no_list_of_cards_is_told(text: str, told: str) -> None:
    assert any(told in line for line in complaints(text))


@pytest.mark.parametrize(("text", "told"), [("{", "line 1 is not JSON"), ("[" * 100_000, "too deeply nested")])
def test_what_is_no_json_is_told(text: str, told: str) -> None:
    [line] = complaints(text, is_json=True)
    assert told in line


def test_an_empty_list_adds_nothing() -> None:
    assert read("cards: []", CARDS, SOURCES) == ()


def test_every_icon_of_the_products_own_cards_could_be_chosen() -> None:
    assert {card.icon.strip(":") for card in CARDS} <= ICONS


@pytest.mark.parametrize(
    "name", ["Usher", "usher ", "U s h e r", "USHER!", "Ｕｓｈｅｒ", "u\u200bsher", "Ush3r", "Uѕher"]
)
def test_what_a_reader_takes_for_usher_looks_like_it(name: str) -> None:
    assert looks_like_usher(name)


@pytest.mark.parametrize("name", ["Ushers", "Usher 2", "Pusher", "Us her friends", "", "Notes"])
def test_what_only_resembles_it_does_not(name: str) -> None:
    assert not looks_like_usher(name)


def test_added_cards_fit_where_cards_are_shown() -> None:
    for card in read(WIKI, CARDS, SOURCES):
        assert isinstance(card, RunCard) and len(card.title) <= 24 and 0 < len(card.about) <= 150
