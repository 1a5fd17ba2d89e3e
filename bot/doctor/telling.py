"""The doctor's words on a terminal, in a file or for a program."""

import json
import os
import sys
from typing import TextIO

from bot.doctor.checks import examined
from bot.doctor.finding import Finding, State
from bot.doctor.variables import known

MARKS: dict[State, str] = {"ok": "✓", "warn": "!", "bad": "✗", "left": "–"}
PLAIN: dict[State, str] = {"ok": "+", "warn": "!", "bad": "x", "left": "-"}
COLOURS: dict[State, int] = {"ok": 32, "warn": 33, "bad": 31, "left": 2}
CLEAR = "\r\x1b[K"


async def consult(scopes: frozenset[str], *, as_json: bool = False) -> int:
    """Ask everything and tell it; 1 when something has to be mended. ``scopes`` are those of the app's manifest."""
    found: list[Finding] = []
    progress = Progress(sys.stderr)
    async for finding in examined(known(), scopes, progress.waiting):
        found.append(finding)
        progress.over()
        _say(_json(finding) if as_json else line(finding, sys.stdout))
    progress.over()
    if not as_json:
        _say(summary(found))
    return 1 if any(each.bad for each in found) else 0


def line(finding: Finding, stream: TextIO) -> str:
    told = f"{finding.found} → {finding.cure}" if finding.cure else finding.found
    mark = (MARKS if _can_write(stream, "".join(MARKS.values()) + "→") else PLAIN)[finding.state]
    if stream.isatty() and not os.environ.get("NO_COLOR"):
        mark = f"\x1b[{COLOURS[finding.state]}m{mark}\x1b[0m"
    return f"{mark} {finding.subject:<13} {told}"


def summary(found: list[Finding]) -> str:
    counts = {state: sum(each.state == state for each in found) for state in MARKS}
    if counts["bad"]:
        rest = f", {counts['left']} not asked yet" if counts["left"] else ""
        return f"{counts['bad']} to mend{rest}, {counts['warn']} to know. Mend from the top, then ask again."
    return f"Nothing has to be mended; {counts['warn']} to know." if counts["warn"] else "All is well."


class Progress:
    """What is waited for, on a terminal alone; gone once it is there."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = False

    def waiting(self, subject: str, seconds: float) -> None:
        if self._stream.isatty():
            self._stream.write(f"{CLEAR}  waiting for: {subject} ({seconds:.0f} s) …")
            self._stream.flush()
            self._shown = True

    def over(self) -> None:
        if self._shown:
            self._stream.write(CLEAR)
            self._stream.flush()
            self._shown = False


def _can_write(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _json(finding: Finding) -> str:
    told = {"subject": finding.subject, "state": finding.state, "found": finding.found, "cure": finding.cure}
    return json.dumps(told, ensure_ascii=False)


def _say(text: str) -> None:
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # as by `| head`: nobody reads on, and the exit code still counts
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
