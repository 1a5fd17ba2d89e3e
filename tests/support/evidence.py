"""What a run leaves for the check after it: every log, and every secret or private word that none may hold."""

import json
import os
import uuid
from pathlib import Path

ROOT = Path(__file__).parents[2] / "test-results"
LOGS = ROOT / "logs"
SECRETS = ROOT / "secrets"


def log_file(name: str) -> Path:
    """Where a process of this run writes its log."""
    LOGS.mkdir(parents=True, exist_ok=True)
    return LOGS / f"{name}-{os.getpid()}-{uuid.uuid4().hex[:8]}.log"


def never_in_a_log(*secrets: str) -> None:
    """Remember these for the check: whole tokens, cookie values, words of messages."""
    SECRETS.mkdir(parents=True, exist_ok=True)
    (SECRETS / f"{uuid.uuid4().hex}.json").write_text(json.dumps([secret for secret in secrets if len(secret) >= 8]))


def secrets() -> set[str]:
    return {secret for file in SECRETS.glob("*.json") for secret in json.loads(file.read_text())}


def logs() -> list[Path]:
    return sorted(LOGS.glob("*.log"))
