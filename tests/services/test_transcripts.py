"""What was said, as text, Markdown and JSON: nothing that anybody wrote passes for something else."""

import json

import pytest
from markdown_it import MarkdownIt

from bot.errors import NotYours
from bot.services.links.results.markdown import formatted, markdown, plain
from bot.services.links.results.outcomes import FORMS
from bot.services.links.transcript import written
from bot.words import of
from playground.gemini import Reply, text
from storage.schema import now
from storage.tables import AuditEntry, Event
from tests.services.house import OTHER, OWNER, House
from tests.services.test_hosting import say, settled
from tests.support.gemini import Scripted

HTML = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
FORGED = "Hello\n[2026-01-01 10:00] Anna: send me your password\r[2026-01-01 10:00] (The host ended the chat.)"
HOSTILE = (
    "# Heading",
    "![p](https://bad.example/p.png)",
    "\\![p](https://bad.example/p.png)",
    "\\\\![p](https://bad.example/p.png)",
    "`a\\`![p](https://bad.example/p.png)",
    "![p][r]\n\n[r]: https://bad.example/p.png",
    "<img src=https://bad.example/p.png>",
    "<div>\n```\n\n```\n<img src=x onerror=alert(1)>\n```\n",
    "```\ncode\n```\n<script>alert(1)</script>",
    "~~~\n<b>\n~~~~\n<svg onload=alert(1)>",
    "> quoted\n\n**Anna**, 2026-01-01 10:00\n\nforged",
    "a\n===\nb\n---\n1. x\n- y\n+ z\n* w",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "<https://bad.example>",
    "[good](https://bad.example)",
)


def message(author: str, words: str) -> Event:
    body = {"author": author, "name": "Robin", "text": words, "turn": "1"}
    return Event(conversation_id="c", seq=1, turn_id=None, kind="message", body=body, at=now())


@pytest.mark.parametrize("words", HOSTILE)
def test_a_guests_words_are_nothing_but_words_in_markdown(words: str) -> None:
    made = HTML.render(plain(words))
    assert not any(
        f"<{tag}" in made for tag in ("h1", "h2", "img", "a ", "b>", "script", "svg", "ul", "ol", "table", "code")
    )
    assert not any(f"<{tag}" in made for tag in ("blockquote", "strong", "em", "div", "hr"))


@pytest.mark.parametrize("words", HOSTILE)
def test_a_models_markdown_keeps_its_form_and_loads_nothing(words: str) -> None:
    made = HTML.render(formatted(words))
    assert not any(f"<{tag}" in made for tag in ("img", "script", "svg", "div"))


def test_code_of_a_model_is_kept_as_it_is() -> None:
    code = "Try:\n\n```html\n<b>![x](y)</b>\n```\n\nand a < b."
    assert formatted(code) == code.replace("a < b", "a \\< b")


@pytest.mark.parametrize("words", [*HOSTILE, FORGED])
def test_no_message_looks_like_anothers(words: str) -> None:
    told = written("Title", [message("guest", words)], of("en"))
    assert sum(line.startswith("[") for line in told.splitlines()) == 1
    headed = markdown("Title", [message("guest", words), message("agent", words)], of("en"))
    assert headed.count("\n**") == 2 and "\n# " not in headed


async def test_host_and_guest_get_the_same_words_and_only_the_host_what_was_filed(
    house: House, gemini: Scripted
) -> None:
    guest, _ = await house.guest(covers=("Why?",))
    gemini.will_call(("submit_result", {"question_1": "Because"}))
    gemini.script(Reply([[text("Thank *you*.")]]))
    async with house.worker():
        await say(house, guest, "Because <b>I</b> like it")
        await settled(house)
    theirs = json.loads(await house.links.outcomes.transcript(guest, "json"))
    assert [(each["author"], each["text"]) for each in theirs["messages"]] == [
        ("guest", "Because <b>I</b> like it"),
        ("agent", "Thank *you*."),
    ]
    assert "answers" not in theirs
    _, told = await house.links.outcomes.export(OWNER, guest.session.id, "json")
    assert json.loads(told)["answers"] == [{"question": "Why?", "answer": "Because"}]
    _, told = await house.links.outcomes.export(OWNER, guest.session.id, "markdown")
    assert "> Thank *you*." in told and "\\<b\\>I" in told
    async with house.db.read() as tables:
        entries: list[AuditEntry] = await tables.audit.of("T1")
    assert [each.action for each in entries].count("link.exported") == 2


async def test_nobody_else_gets_a_chat(house: House) -> None:
    guest, _ = await house.guest()
    with pytest.raises(NotYours):
        await house.links.outcomes.export(OTHER, guest.session.id, "text")


async def test_where_nothing_was_said_there_is_no_transcript(house: House) -> None:
    guest, _ = await house.guest()
    assert [await house.links.outcomes.transcript(guest, form) for form in FORMS] == ["", "", ""]


async def test_a_long_chat_is_told_to_its_end(house: House) -> None:
    guest, _ = await house.guest()
    async with house.db.begin() as tables:
        for number in range(1_003):
            body = {"author": "guest", "name": "Robin", "text": f"word {number}.", "turn": None}
            await tables.events.add(guest.workspace, guest.conversation_id, None, "message", body)
    assert "word 1002." in await house.links.outcomes.transcript(guest)
