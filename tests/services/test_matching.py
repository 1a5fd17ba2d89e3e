"""Names that people type: the same, near, or neither."""

import pytest

from bot.services.matching import near, same


@pytest.mark.parametrize("typed", ["GitHub", " github ", "«Github»", "git-hub", "ＧｉｔＨｕｂ", "“GitHub”."])
def test_case_quotes_and_punctuation_do_not_matter(typed: str) -> None:
    assert same(typed, ["Notes", "GitHub"]) == ["GitHub"]


def test_what_is_written_so_exactly_goes_first() -> None:
    assert same("a-b", ["AB", "A-B"]) == ["A-B"]
    assert same("a b", ["AB", "A-B"]) == ["AB", "A-B"]
    assert same("?!", ["?", "!"]) == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("disconect", "disconnect"),
        ("conenct", "connect"),
        ("cnonetc", "connect"),
        ("cnnoetx", None),
        ("tets", "test"),
        ("xest", "test"),
        ("xesx", None),
        ("add", None),
        ("", None),
        ("te", None),
    ],
)
def test_only_what_is_an_edit_or_two_away_is_near(typed: str, found: str | None) -> None:
    assert near(typed, {each: each for each in ("connect", "disconnect", "test")}) == found


def test_two_that_are_as_near_are_no_guess_unless_they_mean_the_same() -> None:
    assert near("cats", {"cat": "a", "cut": "b", "bats": "c"}) is None
    assert near("cats", {"cat": "a", "bats": "a"}) == "a"
