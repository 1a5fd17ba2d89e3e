"""Tokens name themselves, refuse typos, and are stored as a hash."""

import re

from bot.services import tokens
from bot.services.tokens import Kind


def test_a_token_is_recognised_as_what_it_is_and_nothing_else() -> None:
    token = tokens.mint(Kind.LINK)
    assert tokens.parse(token, Kind.LINK) == token
    assert tokens.parse(token, Kind.SESSION) is None
    assert tokens.parse(token.replace("tc_", "ts_"), Kind.SESSION) is None


def test_what_people_copy_is_one_word_that_scanners_know() -> None:
    for kind in (Kind.PERSONAL, Kind.INTERNAL):
        token = tokens.mint(kind)
        assert re.fullmatch(r"ush[pi]_[0-9A-Za-z]{49}", token) and tokens.parse(token, kind) == token
        assert tokens.parse(token.replace("ush", "ushx"), kind) is None
    assert tokens.parse(token.replace("ushi_", "ushp_"), Kind.PERSONAL) is None, "bound to its kind"
    assert tokens.parse(f"{token[:20]}-{token[21:]}", Kind.INTERNAL) is None


def test_a_changed_letter_is_refused_before_any_query() -> None:
    token = tokens.mint(Kind.TICKET)
    changed = token[:10] + ("a" if token[10] != "a" else "b") + token[11:]
    assert tokens.parse(changed, Kind.TICKET) is None
    assert tokens.parse("", Kind.TICKET) is None
    assert tokens.parse(token + "\n", Kind.TICKET) is None


def test_derived_tokens_are_equal_for_equal_parts_only() -> None:
    made = tokens.derive(Kind.SESSION, b"key", "link", "press")
    assert made == tokens.derive(Kind.SESSION, b"key", "link", "press")
    assert tokens.parse(made, Kind.SESSION) == made
    others = [(b"other", "link", "press"), (b"key", "link", "other"), (b"key", "linkp", "ress")]
    assert made not in {tokens.derive(Kind.SESSION, key, *parts) for key, *parts in others}


def test_only_the_hash_is_kept() -> None:
    token = tokens.mint(Kind.LINK)
    assert tokens.matches(token, tokens.at_rest(token))
    assert not tokens.matches(tokens.mint(Kind.LINK), tokens.at_rest(token))
    assert len(tokens.at_rest(token)) == 32


def test_each_use_has_its_own_key() -> None:
    assert tokens.server_key(b"master", "sessions") != tokens.server_key(b"master", "rates")
