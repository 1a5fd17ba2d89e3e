"""The catalogues agree with each other: the same keys with the same values, each a message that ICU takes."""

import re
from html.parser import HTMLParser

import pytest
from icu4py.messageformat import MessageFormat

from bot.words import LANGUAGES
from bot.words.catalogues import FOLDER, catalogue
from tests.words.messages import parameters

OTHERS = [code for code in LANGUAGES if code != "en"]
FOR_SCRIPTS = ("asking", "start")


def flat(language: str) -> dict[str, str]:
    return {f"{area}.{key}": text for area, texts in catalogue(language).items() for key, text in texts.items()}


def test_each_folder_is_a_language_and_each_language_a_folder() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_no_language_lacks_a_key_or_has_one_of_its_own(language: str) -> None:
    assert flat(language).keys() == flat("en").keys()


@pytest.mark.parametrize("language", OTHERS)
def test_each_message_takes_the_same_values_in_every_language(language: str) -> None:
    english, own = flat("en"), flat(language)
    differing = {key for key in english if parameters(own[key]) != parameters(english[key])}
    assert not differing


@pytest.mark.parametrize("language", LANGUAGES)
def test_icu_takes_each_message(language: str) -> None:
    for key, text in flat(language).items():
        assert text.strip() == text, key
        assert text, key
        MessageFormat(text, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_holds_an_apostrophe_that_icu_would_take_for_a_quote(language: str) -> None:
    assert not [key for key, text in flat(language).items() if "'" in text]


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(language: str) -> None:
    """A single word may be the same in two languages; two words and more are left in English only by mistake."""
    english, own = flat("en"), flat(language)
    assert not [key for key, text in english.items() if own[key] == text and len(re.findall(r"[^\W\d_]{3,}", text)) > 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_scripts_fill_in_is_plain_names(language: str) -> None:
    """They have no ICU: plurals come from the browser's own measures."""
    for area in FOR_SCRIPTS:
        for key, text in catalogue(language)[area].items():
            assert set(re.findall(r"\{(.*?)\}", text)) == parameters(text), key


@pytest.mark.parametrize("language", OTHERS)
def test_each_message_has_the_same_tags_in_every_language(language: str) -> None:
    for key, english in flat("en").items():
        assert set(tags(flat(language)[key])) == set(tags(english)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_tag_is_closed(language: str) -> None:
    for key, text in flat(language).items():
        opened = tags(text)
        assert [each.removeprefix("/") for each in opened if each[0] == "/"] == [
            each for each in opened if each[0] != "/"
        ], key


def tags(message: str) -> list[str]:
    """Opening and closing ones, in order; braces of ICU are looked through."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not attrs
            found.append(tag)

        def handle_endtag(self, tag: str) -> None:
            found.append(f"/{tag}")

    Reader().feed(message)
    return found
