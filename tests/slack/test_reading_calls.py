"""A call that is too long for a message is read in a window, and decided at its end by who was asked."""

from typing import Any

import pytest

from bot.services.approvals.approvals import SOMEBODY_ELSES
from bot.slack.listeners.approvals import deciding as listener
from bot.slack.screens import approvals
from tests.slack.test_shown_calls import end_of
from tests.support.slack import DM, GENERAL, MEMBER, OWNER, Usher, said

TEXT = "A line that nobody minds.\n" * 2_600


async def asked(usher: Usher, url: str, channel: str = DM) -> dict[str, Any]:
    await usher.connect_notes(url)
    usher.gemini.will_call(("notes__add_note", {"text": f"{TEXT}The middle acts.\n{TEXT}", "title": "Long"}))
    await usher.slack.person_says(OWNER, channel, "<@U0USHER> Note this")
    shown = await usher.message_with("May I?", channel)
    assert approvals.APPROVE not in str(shown) and "The middle acts" not in said(shown)
    return shown


async def at_the_end(usher: Usher, shown: dict[str, Any]) -> dict[str, Any]:
    """Page by page; the last one."""
    await usher.press(shown, approvals.READ)
    page, number, read = await usher.modal_with("Page 1 of"), 1, ""
    while f"{approvals.READ}.more" in end_of(page):
        read += said(page)
        assert approvals.APPROVE not in end_of(page)
        await usher.press(page, f"{approvals.READ}.more")
        number += 1
        page = await usher.modal_with(f"Page {number} of")
    assert number > 3 and "The middle acts" in read
    return page


async def test_it_is_approved_at_the_end_of_its_window(usher: Usher, notes: str) -> None:
    shown = await asked(usher, notes)
    usher.gemini.will_say("It was too long for a note.")
    await usher.press(await at_the_end(usher, shown), approvals.APPROVE)
    assert approvals.APPROVE not in end_of(await usher.modal_with("Approved by"))
    await usher.message_with("It was too long for a note.")
    closed = await usher.message_with("Approved by")
    assert closed["ts"] == shown["ts"] and approvals.READ in str(closed)


async def test_one_can_turn_back_and_deny(usher: Usher, notes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "SOON", 0)  # so that the window opens before all is ready
    shown = await asked(usher, notes)
    last = await at_the_end(usher, shown)
    await usher.press(last, f"{approvals.READ}.back")
    pages = int(said(last).partition("Page ")[2].split()[0])
    before = await usher.modal_with(f"Page {pages - 1} of {pages}")
    await usher.press(before, f"{approvals.READ}.more")
    usher.gemini.will_say("Then not.")
    await usher.press(await usher.modal_with("Only <@U0OWNER> can decide"), approvals.DENY)
    await usher.message_with("Then not.")
    assert "Skipped" in said(await usher.message_with("Skipped by"))


async def test_nobody_else_reads_it(usher: Usher, notes: str) -> None:
    shown = await asked(usher, notes, GENERAL)
    await usher.press(shown, approvals.READ, MEMBER)
    assert (await usher.message_with(SOMEBODY_ELSES, GENERAL, MEMBER))["ephemeral"]
    assert usher.modal(MEMBER) is None
