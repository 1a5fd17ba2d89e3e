"""The guards look quickly, and find what they would by trying every shape at every letter, wherever a text is cut."""

import itertools
import random
import re
from collections.abc import Iterator, Sequence

import pytest

from bot.services.watch.content import (
    Content,
    Direction,
    Passed,
    Said,
    Verdict,
    cleaning,
    private_things,
    secret_shapes,
)
from bot.services.watch.content.beginnings import Beginnings
from bot.services.watch.content.canary import Canary
from bot.services.watch.content.cleaning import Cleaning
from bot.services.watch.content.private_things import PrivateThings
from bot.services.watch.content.secret_shapes import BEGINNINGS
from bot.services.watch.content.values import Stage

CANARY = "note-0123456789abcdef"
WORD = re.compile(r"[A-Za-z0-9_+/=.~-]+")
SECRETS = (
    "xoxb-123456789012-abcdefGHIJKL", "ghp_abcdefghij0123456789", "AKIAABCDEFGHIJKLMNOP",
    "ya29.abcdefghij0123456789abc", "sk-ant-api03-abcdefghijklmnopQR",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0", "SG.abcdefghijklmnop.qrstuv0123456789",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow abc\nxyz-----END RSA PRIVATE KEY-----", "password: hunter22",
    "PASSWORD=ſecret99", "Bearer abc123def", "BEARER  x1y2z3w4", "basic dXNlcjpwYXNzd29yZA==",
    "BASİC dXNlcjpwYXNzd29yZA==", "toKen = abcdef12", "https://user:pass@example.com/", "sk-a1b2c3d4e5f6",
    "api_key12345678", "KEY-x9y8z7w6v5u4", "hf_a1B2c3D4e5F6g7H8", "123e4567-e89b-12d3-a456-426614174000",
    "a8F3kL9mQ2xR7vT1", "aB3/cD5+eF7-gH9_iJ1=kL3", "qwrtpsdfghjklzxcvbnm", "4111 1111 1111 1111",
    "4111-1111-1111-1111", "378282246310005", "٤١١١١١١١١١١١١١١١", "4111111111111112", "123-45-6789",
    "DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "DE89370400440532013001", "12-34-56",
    "2026-11-30", CANARY,
)  # fmt: skip
PLAIN = (
    "The light is seen from far away. ", "word012 ", "well-known", "9:00-17:30", "a_b", "über", "日本語",
    "e\u0301", "\u200d", "\n", "\t", "\r\n", " ", "-", "_", ".", ":", "=", "@", "//", "x", "7", "Sſ", "K",
    "\u200b", "👩\u200d💻", "\x00", "snake_case_name", "kebab-case-name-2026", "https://example.com/a?b=c.",
    "12.50 EUR", "A1", "sure", "\u202e", "\ud800",
)  # fmt: skip


def plain_spans(text: str) -> Iterator[tuple[int, int]]:
    text = secret_shapes._UUID.sub(lambda found: " " * len(found[0]), text)
    for shape in (secret_shapes._KNOWN, secret_shapes._GLUED, secret_shapes._ANNOUNCED):
        yield from (found.span() for found in shape.finditer(text))
    for found in secret_shapes._PREFIXED.finditer(text):
        runs = re.findall("[A-Za-z0-9]+", found[1])
        if any(secret_shapes._random_run(run, secret_shapes.AFTER_PREFIX) for run in runs):
            yield found.span()
    yield from (found.span() for found in WORD.finditer(text) if secret_shapes._random(found[0]))


def all_plain_spans(text: str) -> Iterator[tuple[int, int, str]]:
    yield from ((*span, "secret") for span in plain_spans(text))
    for found in private_things._CARD.finditer(text):
        if private_things._luhn(re.sub(r"\D", "", found[0])):
            yield *found.span(), "card number"
    for found in private_things._IBAN.finditer(text):
        if private_things._mod_97(found[0].replace(" ", "")):
            yield *found.span(), "account number"
    yield from ((*found.span(), "social security number") for found in private_things._SOCIAL.finditer(text))


class PlainBeginnings(Beginnings):
    def all_at_the_end_of(self, text: str) -> Iterator[int]:
        return (size for size in range(len(text), 0, -1) if text[-size:] in self._all)


class PlainlyPrivate(PrivateThings):
    def __call__(self, said: Said) -> Passed:
        spans = sorted(all_plain_spans(said.text))
        if not spans:
            return Passed(said.text)
        found = tuple(dict.fromkeys(kind for *_, kind in spans))
        if said.direction is Direction.AGENT:
            shapes = (secret_shapes._KNOWN, secret_shapes._GLUED)
            spans = sorted((*each.span(), "") for shape in shapes for each in shape.finditer(said.text))
        if said.direction is Direction.GUEST or not spans:
            return Passed(said.text, Verdict.FLAG, found)
        return Passed(private_things._without(said.text, spans), Verdict.REDACT, found)


class PlainCleaning(Cleaning):
    def held(self, said: Said) -> int:
        end = said.text[-cleaning._MOST_HELD :]
        size = next((size for size, each in enumerate(reversed(end)) if not cleaning._joins(each)), len(end))
        return size + 1 if size else 0


class PlainCanary(Canary):
    def held(self, said: Said) -> int:
        return PlainBeginnings((said.canary,)).at_the_end_of(said.text)


class Stopped(Exception):
    pass


class PlainGate:
    """Tries every cut by passing both its sides, whether there is anything in the text or not."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.waiting = ""

    def goes_on(self, text: str) -> str:
        self.waiting += text
        end, most = len(self.waiting) - self.stage.held(about(self.waiting)), self.stage.longest
        for cut in [end - step * most for step in range(4) if end > step * most]:
            whole, before, after = self.waiting, self.waiting[:cut], self.waiting[cut:]
            if self.passed(whole) == whole or self.passed(before) + self.passed(after) == self.passed(whole):
                self.waiting = after
                return before if self.passed(whole) == whole else self.passed(before)
        return ""

    def passed(self, text: str) -> str:
        passed = self.stage(about(text))
        if passed.verdict is Verdict.BLOCK:
            raise Stopped
        return passed.text if passed.verdict is Verdict.REDACT else text


def plainly_shown(pieces: Sequence[str]) -> Iterator[str]:
    gates = [PlainGate(stage) for stage in PLAIN_STAGES]
    for text in pieces:
        for gate in gates:
            try:
                text = gate.goes_on(text) if text else ""
            except Stopped:
                return
        yield text


PLAIN_STAGES = (PlainCleaning(), PlainlyPrivate(), PlainCanary())


def about(text: str, direction: Direction = Direction.AGENT) -> Said:
    return Said(text, direction, canary=CANARY)


def mixed(dice: random.Random) -> str:
    each = [dice.choice(SECRETS if dice.random() < 0.3 else PLAIN) for _ in range(dice.randint(1, 12))]
    text = dice.choice(("", " ")).join(each)
    start, end = dice.choice((0, 0, 1, 5)), dice.choice((0, 0, 1, 4))
    return text[start : len(text) - end]


def cut(text: str, dice: random.Random) -> list[str]:
    places = sorted(dice.choices(range(len(text) + 1), k=dice.randint(0, 9)))
    return [text[start:end] for start, end in itertools.pairwise([0, *places, len(text)])]


@pytest.mark.parametrize("seed", range(8))
def test_the_same_is_found_as_by_trying_every_shape(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    for text in (mixed(dice) for _ in range(150)):
        assert sorted(secret_shapes.secret_spans(text)) == sorted(plain_spans(text)), text
        for direction in Direction:
            assert PrivateThings()(about(text, direction)) == PlainlyPrivate()(about(text, direction)), text


@pytest.mark.parametrize("seed", range(8))
def test_the_same_is_shown_of_each_piece_however_an_answer_is_cut(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    for text in (mixed(dice) for _ in range(100)):
        pieces, running = cut(text, dice), Content().running(about(""))
        shown = [running.goes_on(each) for each in pieces]
        plainly = list(plainly_shown(pieces))
        assert shown == plainly + [""] * (len(pieces) - len(plainly)), pieces


@pytest.mark.parametrize("seed", range(5))
def test_the_same_beginnings_stand_at_an_end(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    for text in (mixed(dice)[: dice.randint(0, 30)] for _ in range(300)):
        quick, plain = (kind(BEGINNINGS) for kind in (Beginnings, PlainBeginnings))
        assert list(quick.all_at_the_end_of(text)) == list(plain.all_at_the_end_of(text))
        assert Cleaning().held(about(text)) == PlainCleaning().held(about(text))
