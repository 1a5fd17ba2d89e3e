"""What Calendar keeps: events by account, apps that registered, and who was let in; one file, replaced whole."""

import json
import tempfile
import threading
from pathlib import Path
from typing import Any

ACCOUNTS = {"work": "Work", "home": "Home"}
"""Two, so that one may connect both side by side."""
EVERY_WEEK: dict[str, list[tuple[int, str, int, str]]] = {
    "work": [
        *((day, "09:30", 15, "Morning round") for day in range(5)),
        (0, "14:00", 60, "Planning"),
        (2, "11:00", 45, "Interview"),
        (4, "15:00", 30, "Look back at the week"),
        (5, "10:00", 30, "Read what is left over"),
        (6, "17:00", 30, "Look at the week ahead"),
    ],
    "home": [
        *((day, "07:30", 30, "Walk") for day in range(7)),
        (1, "18:30", 90, "Choir"),
        (3, "08:00", 30, "Dentist"),
        (5, "10:00", 60, "Market"),
    ],
}
"""Weekday from Monday on, when, how many minutes, and what."""


class Kept:
    """``apps``, ``grants`` and ``events`` are plain JSON; change them inside `changing`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.RLock()  # tools run in threads
        told: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        self.apps: dict[str, dict[str, Any]] = told.get("apps", {})
        self.grants: dict[str, dict[str, Any]] = told.get("grants", {})
        self.events: dict[str, list[dict[str, Any]]] = told.get("events", {account: [] for account in ACCOUNTS})

    def __enter__(self) -> "Kept":
        self._lock.acquire()
        return self

    def __exit__(self, *error: object) -> None:
        try:
            if error[0] is None:
                self._save()
        finally:
            self._lock.release()

    def _save(self) -> None:
        told = {"apps": self.apps, "grants": self.grants, "events": self.events}
        with tempfile.NamedTemporaryFile("w", dir=self._file.parent, delete=False) as new:  # mode 0600
            json.dump(told, new, ensure_ascii=False, indent=1)
        Path(new.name).replace(self._file)
