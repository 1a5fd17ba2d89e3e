"""An answer longer than a message goes on in the next: no word, link, row or character is cut, and no block is lost."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.slack.edge.calls.budget import CallBudget
from bot.slack.replies import stream, unsent
from bot.slack.replies.chunks import carried_over, markdown, posts
from bot.slack.replies.stream import Stream
from bot.slack.screens.blocks.cut_places import closing, opening, places
from bot.slack.screens.blocks.graphemes import cut_before
from bot.slack.screens.blocks.open_spans import gaps

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
EMOJI = ["👩‍👩‍👧", "🇩🇪", "👍🏽", "❤️", "é", "한국어", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
WORDS = ["alpha", "be", "gamma_delta", "don't", "3.5", "wört", "x=1", "&amp;", "(see)", "tomorrow,", *EMOJI]


class Writer:
    """Markdown as a model may write it, always the same for a seed."""

    def __init__(self, seed: int) -> None:
        self.any = random.Random(seed)  # noqa: S311

    def words(self, most: int) -> str:
        return " ".join(self.any.choice(WORDS) for _ in range(self.any.randint(1, most)))

    def inline(self, most: int = 25) -> str:
        made = []
        for _ in range(self.any.randint(1, 6)):
            text = self.words(most)
            kinds = [text, f"**{text}**", f"_{text}_", f"[{text}](https://example.com/{self.any.randint(1, 99)})"]
            made.append(self.any.choice([*kinds, f"`{self.words(5)}`", f"**so `{self.words(3)}` is {text}**"]))
        return " ".join(made)

    def block(self) -> str:
        kind = self.any.randrange(6)
        if kind == 0:
            fence, inner = self.any.choice([("```", "x"), ("~~~", "```"), ("````", "```")])
            lines = "\n".join(
                f"{'    ' * self.any.randint(0, 2)}{self.words(8)}" for _ in range(self.any.randint(1, 20))
            )
            return f"{fence}python\n{lines}\n{inner}\nend\n{fence}"
        if kind == 1:
            rows = "\n".join(f"| {self.words(4)} | {self.words(4)} |" for _ in range(self.any.randint(1, 20)))
            return f"| Name | Worth |\n| --- | ---: |\n{rows}"
        if kind == 2:
            return "\n".join(f"{number}. {self.inline(6)}" for number in range(1, self.any.randint(2, 12)))
        if kind == 3:
            return "\n".join(
                f"{'  ' * self.any.randint(0, 1)}- {self.inline(6)}" for _ in range(self.any.randint(1, 9))
            )
        return f"## {self.words(5)}\n\n{self.inline()}" if kind == 4 else self.inline()

    def text(self) -> str:
        return "\n\n".join(self.block() for _ in range(self.any.randint(2, 14)))

    def pieces(self, text: str) -> Iterator[str]:
        while text:
            size = self.any.choice([1, 2, 5, 30, 400])
            yield text[:size]
            text = text[size:]


def flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or [])


def read(parts: list[str]) -> dict[str, Any]:
    """What people see: words, and which of them are bold, code, links or cells; heads that are said again left out."""
    seen: dict[str, Any] = {"words": [], "strong": [], "code": [], "links": [], "info": [], "rows": 0}
    head = ""
    for part in parts:
        within: list[str] = []
        first_head = True
        text_of_part: list[str] = []
        for token in flat(PARSER.parse(part)):
            if token.type in ("strong_open", "thead_open", "link_open"):
                within.append(token.type)
            elif token.type in ("strong_close", "thead_close", "link_close"):
                within.remove(token.type.replace("close", "open"))
            elif token.type == "fence":
                seen["code"] += token.content.split()
                seen["info"].append(token.info)
                text_of_part += token.content.split()
            elif token.type == "tr_open" and "thead_open" not in within:
                seen["rows"] += 1
            elif token.type in ("text", "code_inline") and token.content.strip():
                if "thead_open" in within and first_head and token.content in head:
                    continue
                text_of_part += token.content.split()
                if "strong_open" in within:
                    seen["strong"] += token.content.split()
            if token.type == "link_open":
                seen["links"].append(token.attrs["href"])
        head = "NameWorth"
        seen["words"] += text_of_part
    seen["words"] = [word for word in seen["words"] if word not in ("Name", "Worth")]
    return seen


def whole(text: str) -> dict[str, Any]:
    return read([text])


def same(parts: list[str], text: str) -> None:
    told, meant = read(parts), whole(text)
    for what in ("words", "strong", "code", "links", "rows"):
        assert told[what] == meant[what], what
    assert set(told["info"]) == set(meant["info"])


@pytest.mark.parametrize("seed", range(60))
def test_a_posted_answer_reads_as_if_it_had_not_been_cut(seed: int) -> None:
    text, most = Writer(seed).text(), random.Random(seed).choice([600, 900, 2_000])  # noqa: S311
    parts = posts(text, most)
    assert all(len(part.encode()) <= most + 20 for part in parts)
    same(parts, text)


class Recording:
    """Slack, as far as a stream needs it."""

    session = None

    def __init__(self) -> None:
        self.messages: list[str] = []

    async def chat_startStream(self, **_: Any) -> dict[str, Any]:
        self.messages.append("")
        return {"ts": str(len(self.messages))}

    async def chat_appendStream(self, *, ts: str, chunks: list[dict[str, Any]] | None = None, **_: Any) -> None:
        self.messages[int(ts) - 1] += "".join(chunk["text"] for chunk in chunks or [])

    chat_stopStream = chat_appendStream

    async def chat_delete(self, *, ts: str, **_: Any) -> None:
        """An empty message; it leaves no trace."""
        assert not self.messages[int(ts) - 1]


async def streamed(text: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    writer, slack, now = Writer(seed + 1_000), Recording(), [0.0]

    async def started(ts: str) -> None: ...

    monkeypatch.setattr(CallBudget, "take", lambda *_: True)
    monkeypatch.setattr(CallBudget, "between_pieces", 0.0)
    monkeypatch.setattr(unsent, "MAX_WEIGHT", writer.any.choice([600, 900, 2_000]))
    told = Stream(slack, {"channel": "D1", "thread_ts": "1.0"}, started, lambda: now[0])  # type: ignore[arg-type]
    for piece in writer.pieces(text):
        await told.append(markdown(piece))
        if writer.any.random() < 0.2:
            await told.flush()
        if writer.any.random() < 0.02:
            now[0] += stream.MAX_AGE  # so that it has to end wherever it is
    await told.stop()
    assert all(len(message.encode()) <= unsent.MAX_WEIGHT + 20 for message in slack.messages)
    return slack.messages


@pytest.mark.parametrize("seed", range(60))
async def test_a_streamed_answer_reads_as_if_it_had_not_been_cut(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = Writer(seed).text()
    same(await streamed(text, seed, monkeypatch), text)


def test_one_word_longer_than_a_message_still_goes_through() -> None:
    word = "x" * 2_500
    assert "".join(posts(f"before {word}", 1_000)).replace("before ", "") == word


def test_a_table_goes_on_under_its_head_and_code_under_its_language() -> None:
    head = "| a | b |\n|---|---|\n"
    assert all(part.startswith(head) for part in posts(head + "| one | two |\n" * 200, 600))
    assert all(part.startswith("~~~js\n") for part in posts("~~~js\n" + "let a = 1\n" * 200 + "~~~", 600))


@pytest.mark.parametrize("seen", EMOJI)
def test_what_is_seen_as_one_character_is_not_cut(seen: str) -> None:
    for at in range(1, len(f"a{seen}b")):
        assert f"a{seen}b"[: cut_before(f"a{seen}b", at)] in ("a", f"a{seen}") or not _joins(seen)


def _joins(seen: str) -> bool:
    return len(seen) > 1 and "한" not in seen


def test_a_block_that_was_closed_at_the_cut_is_not_opened_for_its_closing_line() -> None:
    assert carried_over("```py\na\n", "```\nafter") == "after"


def test_a_literal_star_at_the_end_is_left_alone() -> None:
    assert closing("it is 2 * 3 and *", cut=False) == ""
    assert opening("**very bold") == "**" and closing("**very bold") == "**"


@pytest.mark.parametrize("seed", range(5))
def test_where_an_answer_may_be_cut_does_not_depend_on_how_much_of_it_was_shown(seed: int) -> None:
    writer = Writer(seed)
    text = writer.text()[:4000]
    whole = places("", text)
    for _ in range(20):
        shown = writer.any.randint(0, len(text))
        rest = [(place.at + shown, place.rank) for place in places(text[:shown], text[shown:])]
        assert rest == [(place.at, place.rank) for place in whole if place.at >= shown]


def test_a_long_paragraph_that_was_shown_is_not_gone_through_word_by_word_with_each_piece() -> None:
    paragraph = "A word **and another** " * 400
    found = gaps(paragraph, since=len(paragraph) - 30)
    assert found == gaps(paragraph)[-len(found) :] and len(found) < 10
