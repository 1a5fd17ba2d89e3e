"""What was installed, kept beside it: contents and Python, not file times, which git and copying set as they like."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

UNFINISHED = "unfinished"


@dataclass(frozen=True)
class Seal:
    """The note in ``.venv/installed.json``; without one an environment is half made."""

    file: Path

    def read(self) -> dict[str, str]:
        try:
            noted = json.loads(self.file.read_text())
        except (OSError, ValueError):
            return {}
        return {str(key): str(value) for key, value in noted.items()} if isinstance(noted, dict) else {}

    def add(self, **noted: str) -> None:
        # Whole or not at all, also when the machine stops here.
        beside = self.file.with_suffix(".new")
        beside.write_text(json.dumps({**self.read(), **noted}, indent=2) + "\n")
        beside.replace(self.file)


def contents(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
