"""The catalogues as they lie in files: one folder a language, one file an area of the product."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "texts"


@cache
def catalogue(language: str) -> Mapping[str, Mapping[str, str]]:
    """All its areas, each with its messages by key."""
    return {path.stem: _read(path) for path in sorted((FOLDER / language).glob("*.json"))}


@cache
def message(language: str, key: str) -> str:
    """The ICU message under ``area.key``; raises KeyError."""
    area, _, name = key.partition(".")
    return catalogue(language)[area][name]


def _read(path: Path) -> dict[str, str]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found
