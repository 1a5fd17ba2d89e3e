"""What settings lead to beside the variables themselves: secret files, and the installation's own cards."""

import logging
import os
from collections.abc import Callable, Collection
from pathlib import Path

from dotenv import dotenv_values
from pydantic_settings.exceptions import SettingsError as SourceError

from run_cards import RESERVED, RunCard
from run_cards.installation import Sources, Wrong, read

ENV_FILE = Path(".env")
SECRET_FILES = Path("/run/secrets")
"""Where containers put them, each in a file named as its setting."""
CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""The variable by which systemd says where it put them; they outrank the others."""
UNREADABLE = (OSError, UnicodeDecodeError, SourceError)
LARGEST = 256 << 10

log = logging.getLogger(__name__)

LookUp = Callable[[str], str | None]


def variable(name: str) -> str | None:
    """Its value, from the same places and in the same order as the settings themselves; names differ in no capitals."""
    wanted = name.casefold()
    for found in (os.environ, dotenv_values(ENV_FILE)):
        value = next((value for each, value in found.items() if each.casefold() == wanted and value), "") or ""
        if value.strip():
            return value
    files = [each for folder in reversed(secret_folders()) for each in folder.iterdir()]
    file = next((each for each in files if each.name.casefold() == wanted and each.is_file()), None)
    return _text(file) if file else None


def readable_variable() -> LookUp:
    """As `variable`, for while Usher runs: what cannot be read counts as not there, and is logged once."""
    told = set[str]()

    def look_up(name: str) -> str | None:
        try:
            found = variable(name)
        except (OSError, ValueError) as error:
            if name not in told:
                log.warning("%s cannot be read (%s)", name, type(error).__name__)
            told.add(name)
            return None
        told.discard(name)
        return found

    return look_up


def added_cards(look_up: LookUp, reserved: Collection[str]) -> tuple[tuple[RunCard, ...], list[str]]:
    """The cards of ``MCP_CARDS_FILE``, and what is wrong with it."""
    file = (look_up("MCP_CARDS_FILE") or "").strip()
    if not file:
        return (), []
    path = Path(file)
    sources = Sources(look_up, lambda name: _text(path.parent / name), reserved)
    try:
        return read(_text(path), RESERVED, sources, is_json=path.suffix.casefold() == ".json"), []
    except OSError as error:
        return (), [f"MCP_CARDS_FILE cannot be read ({error.strerror})"]
    except ValueError:
        return (), ["MCP_CARDS_FILE is no text file, or far too large"]
    except Wrong as wrong:
        return (), [f"MCP_CARDS_FILE {line}" for line in wrong.lines]


def cards_again(reserved: Collection[str] = ()) -> tuple[RunCard, ...]:
    """Those of ``MCP_CARDS_FILE`` with their tokens as they are by now; none while something is wrong with it."""
    try:
        return added_cards(variable, reserved)[0]
    except UNREADABLE:
        return ()


def _text(path: Path) -> str:
    """Raises OSError, or ValueError when it is no text or too much of it."""
    with path.open("rb") as file:
        found = file.read(LARGEST + 1)
    if len(found) > LARGEST:
        raise ValueError
    return found.decode()


def secret_folders() -> list[Path]:
    """Those that are there; a file in a later one outranks its namesake in an earlier one."""
    given = os.environ.get(CREDENTIALS)
    return [folder for folder in (SECRET_FILES, *([Path(given)] if given else [])) if folder.is_dir()]


def unreadable(error: BaseException) -> str:
    """Of a file with settings; it names the file or the setting, and never a value."""
    if isinstance(error, UnicodeDecodeError):
        return ".env (or a file with a secret) has to be text in UTF-8"
    cause = error.__cause__ or error
    if not isinstance(cause, OSError) or not cause.filename:
        return str(error)  # names the setting, not its value
    name = Path(cause.filename).name.upper()
    return f"{name} ({cause.filename}: {cause.strerror}) has to be readable for the account that Usher runs as"
