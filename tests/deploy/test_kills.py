"""Usher is killed around a click on Approve: it counts once or not at all, and its question ends with its outcome.

``KILLS=50`` spreads fifty kills over the click and its first 200 ms instead of a few.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from playground.gemini import Reply, call, text
from tests.deploy.operated import Around
from tests.support.evidence import log_file
from tests.support.slack import DM, OWNER, pressable, said

KILLS = int(os.environ.get("KILLS", "6"))
SPREAD = 0.2
"""Seconds after the click."""
ENDS_WITHIN = 60.0
UNHEARD = 2.0
APPROVE, OUTCOME = "approval.approve", "Approved by"
TOLD = ("Kept.", "I was interrupted while")
"""The last word of a turn that went on, or of one that was cut off in the middle of the call."""


@asynccontextmanager
async def killed(around: Around, env: dict[str, str], folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A running Usher that is killed at the end."""
    log = log_file("killed").open("w")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app"), env=env, cwd=folder, stdout=log, stderr=log
    )
    try:
        await around.slack.when(lambda: around.slack.online, ENDS_WITHIN)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        log.close()
        await around.slack.when(lambda: not around.slack.online, ENDS_WITHIN)


def of_question(around: Around, number: int) -> dict[str, Any] | None:
    """The message that asks about this note."""
    asking = [each for each in around.slack.messages(DM) if f"note number {number}." in said(each)]
    return next((each for each in reversed(asking) if "May I?" in said(each) or OUTCOME in said(each)), None)


def last_word(around: Around, number: int) -> str:
    """After the question, in its thread."""
    question = of_question(around, number)
    if question is None:
        return ""
    after = (each for each in around.slack.messages(DM) if each["ts"] > question["ts"] and not each["streaming"])
    there = [said(each) for each in after if each["thread_ts"] == question["thread_ts"]]
    return next((word for word in TOLD if any(word in each for each in there)), "")


async def asked(around: Around, number: int) -> None:
    """A note waits for its approval."""
    wish = call("notes__add_note", {"text": f"note number {number}."}, id=f"call-{number}", signature=b"signed")
    around.model.script.clear()
    around.model.script += [Reply([[wish]])]
    await around.slack.person_says(OWNER, DM, f"keep note {number}")
    await around.slack.when(lambda: (q := of_question(around, number)) and "May I?" in said(q), ENDS_WITHIN)
    around.model.script += [Reply([[text("Kept.")]])] * 4


async def clicked(around: Around, number: int) -> bool:
    """Whether Slack had an answer to the click."""
    question = of_question(around, number)
    if question is None or APPROVE not in said(question):
        return True  # its outcome stands there already
    block = next(block for block, action in pressable(question) if action == APPROVE)
    container = {"type": "message", "channel": DM, "ts": question["ts"]}
    pressed = {"container": container, "block_id": block, "action_id": APPROVE}
    return bool((await around.slack.press(OWNER, pressed))["ok"])


async def told(around: Around, number: int, within: float = ENDS_WITHIN) -> None:
    """The question shows its outcome, and the turn its last word."""
    await around.slack.when(lambda: OUTCOME in said(of_question(around, number) or {}), within)
    await around.slack.when(lambda: last_word(around, number), within)


@pytest.mark.timeout(60 + 20 * KILLS)
async def test_a_click_counts_once_however_soon_the_process_dies(
    around: Around, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env, slowest, again = around.env(database_url), 0.0, 0
    async with killed(around, env, tmp_path):
        await around.connect_notes()
    for number in range(KILLS):
        async with killed(around, env, tmp_path) as process:
            await asked(around, number)
            clicking = asyncio.create_task(clicked(around, number))
            await asyncio.sleep(SPREAD * number / max(KILLS - 1, 1))
            process.kill()
            heard = await clicking
        async with killed(around, env, tmp_path):
            begun = time.monotonic()
            if not heard:
                with suppress(TimeoutError):
                    await told(around, number, UNHEARD)
                if APPROVE in said(of_question(around, number) or {}):  # as Slack had shown
                    again, begun = again + 1, time.monotonic()
                    assert await clicked(around, number)
            await told(around, number)
            slowest = max(slowest, time.monotonic() - begun)
    with capsys.disabled():
        unheard = f"{again} clicks that Slack called unheard were pressed again"
        print(f" {KILLS} kills, {unheard}, the slowest outcome after {slowest:.1f} s", end=" ")
    notes = json.loads((tmp_path / "notes.json").read_text())
    kept = [text for text in notes.values() if text.startswith("note number")]
    assert len(kept) == len(set(kept)) >= 1
