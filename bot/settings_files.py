"""What settings lead to beside the variables themselves: secret files, and the installation's own cards."""

import os
from collections.abc import Callable, Collection
from pathlib import Path

from dotenv import dotenv_values

from run_cards import CARDS, RunCard
from run_cards.installation import Sources, Wrong, read

ENV_FILE, SECRET_FILES = Path(".env"), Path("/run/secrets")
LARGEST = 256 << 10

LookUp = Callable[[str], str | None]


def variable(name: str) -> str | None:
    """Its value, from the same places and in the same order as the settings themselves; names differ in no capitals."""
    wanted = name.casefold()
    for found in (os.environ, dotenv_values(ENV_FILE)):
        value = next((value for each, value in found.items() if each.casefold() == wanted and value), "") or ""
        if value.strip():
            return value
    files = SECRET_FILES.iterdir() if SECRET_FILES.is_dir() else ()
    file = next((each for each in files if each.name.casefold() == wanted and each.is_file()), None)
    return _text(file) if file else None


def added_cards(look_up: LookUp, reserved: Collection[str]) -> tuple[tuple[RunCard, ...], list[str]]:
    """The cards of ``MCP_CARDS_FILE``, and what is wrong with it."""
    file = (look_up("MCP_CARDS_FILE") or "").strip()
    if not file:
        return (), []
    path = Path(file)
    sources = Sources(look_up, lambda name: _text(path.parent / name), reserved)
    try:
        return read(_text(path), CARDS, sources, is_json=path.suffix.casefold() == ".json"), []
    except OSError as error:
        return (), [f"MCP_CARDS_FILE cannot be read ({error.strerror})"]
    except ValueError:
        return (), ["MCP_CARDS_FILE is no text file, or far too large"]
    except Wrong as wrong:
        return (), [f"MCP_CARDS_FILE {line}" for line in wrong.lines]


def _text(path: Path) -> str:
    """Raises OSError, or ValueError when it is no text or too much of it."""
    with path.open("rb") as file:
        found = file.read(LARGEST + 1)
    if len(found) > LARGEST:
        raise ValueError
    return found.decode()
