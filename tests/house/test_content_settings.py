"""The content stages of an installation are read at the start, and what is wrong with them ends it in words."""

from pathlib import Path

import pytest

from bot.foundations.chat_links import file_terms
from bot.foundations.foundations import content_of
from bot.running.database import CannotStart
from bot.services.watch.content import Direction, Said
from bot.settings import Settings, SettingsError
from tests.house.test_variables import ENOUGH


def settings(**more: str) -> Settings:
    return Settings.read({**ENOUGH, **more})


def test_a_blocklist_and_own_stages_are_put_behind_the_built_in_ones(tmp_path: Path) -> None:
    phrases = tmp_path / "blocked.txt"
    phrases.write_text("# ours\nforbidden fruit\n")
    named = "tests.services.test_content:Shouting"
    content = content_of(settings(TEMPCHAT_BLOCKLIST=str(phrases), TEMPCHAT_CONTENT_STAGES=named))
    for text, blocked in (("Forbidden  Fruit", True), ("LOUD WORDS", True), ("Good morning", False)):
        assert content.passed(Said(text, Direction.GUEST)).blocked is blocked


def test_what_cannot_be_used_ends_the_start_and_says_what(tmp_path: Path) -> None:
    short = tmp_path / "short.txt"
    short.write_text("ab\n")
    for given, told in (
        ({"TEMPCHAT_BLOCKLIST": str(tmp_path / "none")}, "TEMPCHAT_BLOCKLIST cannot be used: No such file"),
        ({"TEMPCHAT_BLOCKLIST": str(short)}, "at least 3 characters"),
        ({"TEMPCHAT_CONTENT_STAGES": "nowhere.at:all"}, "nowhere.at:all cannot be loaded"),
    ):
        with pytest.raises(CannotStart, match=told):
            content_of(settings(**given))
    with pytest.raises(SettingsError, match=r"package\.module:name"):
        settings(TEMPCHAT_CONTENT_STAGES="nowhere")


@pytest.mark.parametrize(("days", "good"), [("0.05", True), ("365", True), ("0.01", False), ("366", False)])
def test_what_is_said_is_kept_from_an_hour_to_a_year(days: str, good: bool) -> None:
    if good:
        assert settings(TEMPCHAT_KEEP_DAYS=days).tempchat_keep_days == float(days)
    else:
        with pytest.raises(SettingsError, match="TEMPCHAT_KEEP_DAYS"):
            settings(TEMPCHAT_KEEP_DAYS=days)


def test_which_files_guests_may_send_is_some_of_what_there_is() -> None:
    assert settings(TEMPCHAT_FILE_KINDS="pdf, picture").tempchat_file_kinds == ("picture", "pdf")
    assert settings(TEMPCHAT_FILE_KINDS="").tempchat_file_kinds == ("picture", "pdf", "text")
    assert file_terms(settings(TEMPCHAT_FILES="0", TEMPCHAT_FILE_MB="2")).most == 0
    for name, wrong in (("TEMPCHAT_FILE_KINDS", "exe"), ("TEMPCHAT_FILE_MB", "11"), ("TEMPCHAT_FILES", "-1")):
        with pytest.raises(SettingsError, match=name):
            settings(**{name: wrong})
