"""The kinds of questions that a card asks: what may be answered, and how each looks in Slack's form."""

import pytest

from bot.slack.screens.connections.questions import question
from mcp_runtime.specs import HttpSpec, SecretPlace, StdioSpec, from_json
from run_cards.card import Field, Kind, Option, RunCard, needed, optional

REGION = Field("region", "Region", kind=Kind.CHOICE, options=(Option("eu", "Europe"), Option("us", "America")))
GROUPS = Field("groups", "Groups", kind=Kind.CHOICES, options=REGION.options, default="eu,us", check=optional)
READ_ONLY = Field("read_only", "Read only", kind=Kind.SWITCH, default="on")
KEY = Field("key", "Key", secret=True)
PHRASE = Field("phrase", "Phrase", secret=True, check=optional, kind=Kind.LONG)


def _card(*fields: Field) -> RunCard:
    places = (SecretPlace("key", "X-Api-Key", ""), SecretPlace("phrase", "X-Phrase", ""))
    return RunCard("shop", "Shop", "Goods.", fields, lambda values: HttpSpec("https://shop.example/mcp", (), places))


CARD = _card(REGION, GROUPS, READ_ONLY, KEY, PHRASE)


@pytest.mark.parametrize(
    ("asked", "answer", "fine"),
    [
        (REGION, "eu", True),
        (REGION, "mars", False),
        (REGION, "", False),
        (GROUPS, "", True),
        (GROUPS, "us,eu", True),
        (GROUPS, "us,mars", False),
        (READ_ONLY, "", True),
        (READ_ONLY, "on", True),
        (READ_ONLY, "off", False),
    ],
)
def test_only_what_is_offered_can_be_answered(asked: Field, answer: str, fine: bool) -> None:
    assert (asked.complaint(answer) is None) is fine


def test_a_form_that_was_not_asked_counts_with_its_defaults_and_one_that_was_with_its_answers() -> None:
    assert CARD.filled({"region": "eu"}) == {"region": "eu", "groups": "eu,us", "read_only": "on"}
    assert CARD.filled({"region": "us", "groups": [], "read_only": []})["read_only"] == ""
    assert CARD.filled({"region": "us", "groups": ["eu", "us"]})["groups"] == "eu,us"


def test_each_secret_has_its_own_complaint_and_its_own_header() -> None:
    assert list(CARD.secret_complaints({"phrase": "open"})) == ["key"]
    assert CARD.secret_complaints({"key": "k"}) == {} and CARD.needs_secrets
    spec = CARD.server({})
    assert spec.with_secrets({"key": "k", "phrase": "open"}) == {"X-Api-Key": "k", "X-Phrase": "open"}
    assert spec.with_secrets({"key": "k"}) == {"X-Api-Key": "k"} and spec.secret_fields == ("key", "phrase")


def test_a_card_whose_secrets_may_all_be_left_out_needs_none() -> None:
    assert not _card(PHRASE).needs_secrets and not _card().needs_secrets


def test_a_program_takes_each_secret_in_a_variable_of_its_own() -> None:
    spec = StdioSpec("time", secret_variables=(("key", "KEY"), ("phrase", "PHRASE")))
    assert spec.with_secrets({"key": "k"}) == {"KEY": "k"}


def test_what_was_stored_while_a_connection_had_one_secret_reads_on() -> None:
    over_http = from_json({"transport": "http", "url": "https://x/mcp", "headers": [["a", "b"]], "shared": True})
    assert over_http.with_secrets({"token": "t"}) == {"a": "b", "Authorization": "Bearer t"}
    older = {"transport": "stdio", "program": "time", "arguments": [], "secret_variable": "TOKEN"}
    assert from_json(older).with_secrets({"token": "t"}) == {"TOKEN": "t"}
    assert from_json({**older, "secret_variable": ""}).with_secrets({"token": "t"}) == {}


def test_slack_asks_each_kind_in_its_own_way_and_starts_with_what_was_there() -> None:
    assert question(REGION, "us")["element"]["initial_option"]["value"] == "us"
    several = question(GROUPS, "us")["element"]
    assert several["type"] == "multi_static_select" and [each["value"] for each in several["initial_options"]] == ["us"]
    assert question(READ_ONLY, "on")["element"]["initial_options"] and question(READ_ONLY)["optional"]
    assert "initial_options" not in question(READ_ONLY, "")["element"]
    assert question(Field("note", "Note", kind=Kind.LONG), "a\nb")["element"]["multiline"] is True
    assert "initial_value" not in question(KEY, "never shown")["element"]


def test_a_text_is_needed_unless_its_check_says_otherwise() -> None:
    assert needed(" ") and not Field("a", "A").optional and Field("a", "A", check=optional).optional
