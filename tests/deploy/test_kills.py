"""Usher is killed around a click on Approve: it counts once or not at all, and its question ends with its outcome.

``KILLS=50`` spreads fifty kills over the click and its first 200 ms instead of a few.
"""

import asyncio
import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from playground.gemini import Reply, call, text
from storage.database import Database
from storage.schema import now
from storage.tables import Job, Turn
from tests.deploy.operated import Around
from tests.support.evidence import log_file
from tests.support.slack import DM, OWNER, pressable, said

KILLS = int(os.environ.get("KILLS", "4"))
SPREAD = 0.2
"""Seconds after the click."""
ENDS_WITHIN = 60.0
UNHEARD = 2.0
APPROVE, OUTCOME = "approval.approve", "Approved by"
TOLD = ("Kept.", "I was interrupted while")
"""The last word of a turn that went on, or of one that was cut off in the middle of the call."""


@dataclass
class Killed:
    """An Usher that is killed and started again."""

    around: Around
    env: dict[str, str]
    folder: Path
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with log_file("killed").open("w") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "app"), env=self.env, cwd=self.folder, stdout=log, stderr=log
            )
        await self.around.slack.when(lambda: self.around.slack.online, ENDS_WITHIN)

    def kill(self) -> None:
        if self.process and self.process.returncode is None:
            self.process.kill()

    async def over(self) -> None:
        """Returns when it is gone, and what it held of the database has lapsed, as it would a while later."""
        self.kill()
        if self.process:
            await self.process.wait()
        await self.around.slack.when(lambda: not self.around.slack.online, ENDS_WITHIN)
        database = Database(self.env["DATABASE_URL"])
        async with database.begin() as tables:
            for held in (Turn, Job):
                lapsed = sa.update(held).where(held.lease_until.is_not(None)).values(lease_until=now())
                await tables.session.execute(lapsed)
        await database.close()


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


@pytest.mark.timeout(200 + 60 * KILLS)
async def test_a_click_counts_once_however_soon_the_process_dies(
    around: Around, sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    usher, slowest, again = Killed(around, around.env(sqlite_url), tmp_path), 0.0, 0
    try:
        await usher.start()
        await around.connect_notes()
        for number in range(KILLS):
            await asked(around, number)
            clicking = asyncio.create_task(clicked(around, number))
            await asyncio.sleep(SPREAD * number / max(KILLS - 1, 1))
            usher.kill()
            heard = await clicking
            await usher.over()
            await usher.start()
            begun = time.monotonic()
            if not heard:
                with suppress(TimeoutError):
                    await told(around, number, UNHEARD)
                if APPROVE in said(of_question(around, number) or {}):  # as Slack had shown
                    again, begun = again + 1, time.monotonic()
                    assert await clicked(around, number)
            await told(around, number)
            slowest = max(slowest, time.monotonic() - begun)
    finally:
        await usher.over()
    with capsys.disabled():
        unheard = f"{again} clicks that Slack called unheard were pressed again"
        print(f" {KILLS} kills, {unheard}, the slowest outcome after {slowest:.1f} s", end=" ")
    notes = json.loads((tmp_path / "notes.json").read_text())
    kept = [text for text in notes.values() if text.startswith("note number")]
    assert len(kept) == len(set(kept)) >= 1
