"""What settings lead to beside the variables themselves: secret files, and the installation's own cards."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from dotenv import dotenv_values

from run_cards import CARDS, RunCard
from run_cards.installation import Sources, Wrong, read

ENV_FILE, SECRET_FILES = Path(".env"), Path("/run/secrets")
LARGEST = 256 << 10


def variables() -> Mapping[str, str]:
    """All that is set, by name, from the same places and in the same order as the settings themselves."""
    files = SECRET_FILES.iterdir() if SECRET_FILES.is_dir() else ()
    found = {file.name: file.read_text(errors="replace").strip() for file in files if _is_readable(file)}
    found |= {name: value for name, value in dotenv_values(ENV_FILE).items() if value}
    found |= {name: value for name, value in os.environ.items() if value.strip()}
    # Names of secret files are small as a rule.
    return {name.upper(): value for name, value in found.items()} | found


def added_cards(
    file: str, known: Mapping[str, str], reserved: Collection[str]
) -> tuple[tuple[RunCard, ...], list[str]]:
    """The cards of ``MCP_CARDS_FILE``, and what is wrong with it."""
    if not file.strip():
        return (), []
    path = Path(file.strip())
    sources = Sources(known.get, lambda name: _text(path.parent / name), reserved)
    try:
        return read(_text(path), CARDS, sources, is_json=path.suffix.casefold() == ".json"), []
    except OSError as error:
        return (), [f"MCP_CARDS_FILE cannot be read ({error.strerror})"]
    except ValueError:
        return (), ["MCP_CARDS_FILE is no text file, or far too large"]
    except Wrong as wrong:
        return (), [f"MCP_CARDS_FILE {line}" for line in wrong.lines]


def _is_readable(file: Path) -> bool:
    return file.is_file() and os.access(file, os.R_OK) and file.stat().st_size <= LARGEST


def _text(path: Path) -> str:
    """Raises OSError, or ValueError when it is no text or too much of it."""
    with path.open("rb") as file:
        found = file.read(LARGEST + 1)
    if len(found) > LARGEST:
        raise ValueError
    return found.decode()
