"""Values are put into sentences without turning or breaking them, and times and numbers are each language's own."""

from datetime import date, timedelta
from typing import get_args

import pytest
from markupsafe import Markup

from bot import words
from bot.tool_server import arguments
from bot.words import LANGUAGES, accepted


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("zh-Hans-CN, fr;q=0.3", "fr"),
        ("en;q=0.2, ar;q=0.9", "ar"),
        ("PT-br", "pt"),
        ("es ; q=0.5 , ja ; q=0.50", "es"),
        ("fr;q=0, *;q=0.5", "en"),
        ("ko, zh", "en"),
        (";;;,,q=1, de;q=nine, \x00", "en"),
        ("de" * 40_000, "en"),
        (",".join(["xx;q=0.1"] * 20_000) + ",ja;q=0.01", "ja"),
    ],
)
def test_the_language_that_a_browser_wants_most_is_taken(header: str, language: str) -> None:
    assert accepted(header) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_markup_in_a_name_is_shown_and_not_run(language: str) -> None:
    hostile = "<script>alert(1)</script>{who}'{"
    shown = words.of(language).html("invitation.answers", named=True, who=hostile)
    assert "<script>" not in shown
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;{who}&#39;{</bdi>" in shown
    assert "<b>" in shown


def test_markup_that_is_ours_is_kept() -> None:
    shown = words.of("de").html("invitation.invited", named=True, who=Markup("<bdi>Ann</bdi> · <bdi>Acme</bdi>"))
    assert shown == "<bdi>Ann</bdi> · <bdi>Acme</bdi> lädt Sie zu einem Chat ein"


def test_a_name_is_kept_from_turning_the_sentence_round_it() -> None:
    def told(language: str, who: str) -> str:
        return words.of(language)("invitation.agreed", named=True, who=who)

    assert "\u2068Ann\u2069" in told("ar", "Ann")
    assert "\u2068نور\u2069" in told("en", "نور")
    assert "\u2068" not in told("en", "Ann")


def test_times_are_rounded_up_and_counted_as_each_language_counts() -> None:
    english, arabic = words.of("en"), words.of("ar")
    assert english.lasting(timedelta(seconds=0.2)) == "1 second"
    assert english.lasting(timedelta(seconds=91)) == "2 minutes"
    assert english.lasting(timedelta(hours=26)) == "26 hours"
    assert english.lasting(timedelta(days=30)) == "30 days"
    assert [arabic.lasting(timedelta(minutes=each)) for each in (2, 3, 11)] == ["دقيقتان", "3 دقائق", "11 دقيقة"]
    assert "20 secondes" in words.of("fr")("refused.again", wait=timedelta(seconds=20)).replace("\u00a0", " ")


def test_a_language_that_is_not_ours_is_answered_in_english() -> None:
    assert words.of("tlh").language.code == "en"


def test_a_key_that_is_nowhere_is_a_mistake() -> None:
    assert not words.of("en").knows("ended.nonsense")
    with pytest.raises(KeyError):
        words.of("en")("ended.nonsense")


def test_a_day_is_itself_in_every_zone_and_written_as_each_language_writes_it() -> None:
    day = date(2026, 3, 29)
    told = {code: words.of(code)("invite.until", day=day, time="17:05", zone="UTC") for code in ("en", "de", "ja")}
    assert "Sunday, March 29, 2026" in told["en"]
    assert "Sonntag, 29. März 2026" in told["de"]
    assert "2026年3月29日日曜日" in told["ja"]


def test_the_agents_tool_offers_the_languages_that_there_are() -> None:
    offered = get_args(get_args(arguments.Language)[0])
    assert offered == ("", *LANGUAGES)
