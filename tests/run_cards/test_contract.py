"""The bar that every card is held to, those of an installation as well."""

import ast
import re
from pathlib import Path

import pytest

from mcp_runtime import own_servers as servers
from mcp_runtime.programs import PROGRAMS
from mcp_runtime.sandbox.network.destinations import Destinations
from mcp_runtime.specs import HttpSpec, StdioSpec, as_json, from_json
from run_cards import CARDS, RESERVED, RunCard, SharedFolder, installation, of_folders, with_added
from run_cards.fields import Kind
from run_cards.icons import ICONS
from run_cards.installation import Sources

ANSWERS = {
    "folder": "handbook",
    "folders": "handbook,drafts",
    "project": "abcdefghijklmnopqrst",
    "url": "https://api.example.com/v1",
    "postgres.address": "postgresql://reader@db.example.com:5433/shop",
    "redis.address": "redis://cache.example.com/0",
}
FILE = """
cards:
  - name: wiki
    title: Wiki
    about: Search our handbook.
    url: https://wiki.example.org/mcp
    read_only: [search]
    authentication: token
    example: What are our holiday rules?
"""
FOLDERS = [
    SharedFolder("handbook", "/srv/folders/handbook"),
    SharedFolder("drafts", "/srv/folders/drafts", writable=True),
]
OPERATIONS = Path(__file__).parents[2] / "docs/operations.md"
OWN = (*CARDS, *of_folders(FOLDERS))
ADDED = installation.read(FILE, RESERVED, Sources({}.get, Path.read_text))
CHANGING = re.compile(
    r"(^|[_-])(create|update|delete|remove|write|add|set|insert|send|post|edit|move|merge|push|cancel|refund|execute)([_-]|$)"
)

every_card = pytest.mark.parametrize("card", [*OWN, *ADDED], ids=lambda card: card.name)
own_card = pytest.mark.parametrize("card", OWN, ids=lambda card: card.name)


def values(card: RunCard) -> dict[str, str]:
    """A form filled in as a member would."""
    open_fields = [field for field in card.fields if not field.secret]
    given = {field.name: ANSWERS.get(f"{card.name}.{field.name}", ANSWERS.get(field.name)) for field in open_fields}
    return card.filled({name: answer for name, answer in given.items() if answer})


@every_card
def test_a_card_fits_where_it_is_shown(card: RunCard) -> None:
    assert len(card.title) <= 24 and 0 < len(card.about) <= 150
    assert card.icon.strip(":") in ICONS
    assert all(len(note) <= 300 for note in card.notes)
    for field in card.fields:
        assert 0 < len(field.label) <= 48 and len(field.hint) <= 150 and len(field.placeholder) <= 150
        assert all(0 < len(option.label) <= 75 and len(option.value) <= 75 for option in field.options)
        assert len(field.options) <= 100
        assert bool(field.options) == (field.kind in (Kind.CHOICE, Kind.CHOICES))
        assert field.secret or field.complaint(field.default) is None or not field.default
    assert len({field.name for field in card.fields}) == len(card.fields)


@every_card
def test_its_server_is_reached_the_same_way_each_time_and_with_no_secret_in_it(card: RunCard) -> None:
    filled = values(card)
    assert card.complaints(filled) == {}
    spec = card.server(filled)
    assert spec == card.server(dict(filled)) and from_json(as_json(spec)) == spec
    assert set(spec.secret_fields) >= {each.name for each in card.secrets if each is card.secret or not each.optional}
    if isinstance(spec, HttpSpec):
        assert spec.url.startswith("https://")
    else:
        assert spec.program in PROGRAMS
        assert card.is_program
        Destinations.of(spec.network)


@own_card
def test_it_says_what_it_is_good_for(card: RunCard) -> None:
    assert len(card.to_try) == 3 or card.name == "custom"
    assert all(0 < len(question) <= 100 for question in card.to_try)
    assert card.documentation.startswith("https://") or card.name == "custom"


@every_card
def test_how_its_members_sign_in_is_said_and_leads_where_its_server_is(card: RunCard) -> None:
    spec = card.server(values(card))
    if card.oauth is None:
        assert bool(spec.secret_fields) == bool(card.secrets or card.shared) or card.name == "wiki"
        return
    assert isinstance(spec, HttpSpec)  # a program has nothing to be signed in to
    assert bool(spec.secret_fields) == bool(card.secrets)
    assert len(set(card.oauth.scopes)) == len(card.oauth.scopes)
    assert all(re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", scope) for scope in card.oauth.scopes)
    assert not card.oauth.client or f'"{card.oauth.client}"' in OPERATIONS.read_text()


@own_card
def test_its_limits_and_checks_hold_whatever_a_call_brings(card: RunCard) -> None:
    assert card.limits.seconds is None or 0 < card.limits.seconds <= 600
    spec = card.server(values(card))
    for check in card.argument_checks.values():
        for odd in (None, 7, True, "", "\0", ["a", 7], {"a": {}}, "x" * 100_000):
            arguments = {name: odd for name in ("sql", "query", "path", "paths", "repo_path", "source", "destination")}
            assert isinstance(check(arguments, spec), str | None)
        assert isinstance(check({}, spec), str | None)


@pytest.mark.parametrize("name", ["postgres", "redis", "graphql"])
def test_what_reads_is_what_our_own_server_marks_as_reading(name: str) -> None:
    [card] = [card for card in CARDS if card.name == name]
    tree = ast.parse(Path(servers.__file__).with_name(f"{name}.py").read_text())
    marked = {
        each.name: ast.unparse(decorator)
        for each in ast.walk(tree)
        if isinstance(each, ast.AsyncFunctionDef | ast.FunctionDef)
        for decorator in each.decorator_list
        if "tool(" in ast.unparse(decorator)
    }
    assert card.reads == {tool for tool, mark in marked.items() if "READS" in mark}
    assert card.argument_checks.keys() <= marked.keys()


@own_card
def test_what_runs_without_asking_only_reads(card: RunCard) -> None:
    assert not [name for name in card.reads if CHANGING.search(name)]
    assert not card.reads & card.costs.keys()
    assert all(callable(check) for check in card.argument_checks.values())


def test_cards_of_folders_are_offered_only_where_there_is_a_folder_and_their_names_are_kept_for_them() -> None:
    assert of_folders([]) == () and with_added([]) == CARDS
    names = [card.name for card in with_added(ADDED, FOLDERS)]
    assert names == ["time", "wiki", "filesystem", "git", *[card.name for card in CARDS[1:]]]
    assert {"git", "filesystem"} <= {card.name for card in RESERVED}


def test_the_form_says_what_may_be_done_with_a_folder_and_takes_no_other() -> None:
    [files, git] = of_folders(FOLDERS)
    assert [(each.value, each.about.partition(";")[0]) for each in files.fields[0].options] == [
        ("handbook", "Can only be read."), ("drafts", "Can be read and changed")
    ]  # fmt: skip
    assert set(git.complaints(git.filled({}))) == {"folder"} and set(files.complaints(files.filled({}))) == {"folders"}
    assert set(git.complaints({"folder": "etc"})) == {"folder"}
    assert set(files.complaints({"folders": "handbook,../etc"})) == {"folders"}
    for card in of_folders(FOLDERS[:1]):
        assert card.complaints(card.filled({})) == {}
    assert files.server({"folders": "handbook,drafts"}) == StdioSpec(
        "filesystem", ("/srv/folders/handbook", "/srv/folders/drafts"), folders=("handbook", "drafts")
    )


def test_a_card_that_takes_another_host_reaches_that_alone() -> None:
    by_name = {card.name: card for card in CARDS}
    expected = {
        "postgres": ("tcp://db.example.com:5433",),
        "redis": ("tcp://cache.example.com:6379",),
        "openapi": ("api.example.com",),
        "graphql": ("api.example.com",),
    }
    for name, network in expected.items():
        spec = by_name[name].server(values(by_name[name]))
        assert isinstance(spec, StdioSpec) and spec.network == network


ADDRESSES = {
    "postgresql://u:secret@db.example.com/shop": "I ask for it by itself",
    "mysql://db.example.com/shop": "It starts with",
    "postgresql://db.example.com": "name of one database",
    "postgresql://db.example.com:80/shop": "1024 or higher",
    "postgresql://a,b/shop": "The host and its port",
    "postgresql://db.example.com/shop?host=/var/run": "Leave out what follows",
    "postgresql://-oProxy/shop": "The host and its port",
    "postgresql://[::1/shop": "no address",
    "": "It starts with",
}


@pytest.mark.parametrize(("address", "told"), ADDRESSES.items())
def test_what_is_no_address_of_a_database_is_told_under_its_field(address: str, told: str) -> None:
    [card] = [card for card in CARDS if card.name == "postgres"]
    assert told in card.complaints(card.filled({"address": address}))["address"]
