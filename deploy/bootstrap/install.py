"""Bring ``.venv`` to what the lock files say, by as little as it takes; what is broken is made anew."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bootstrap import environment
from bootstrap.bytecode import compiled
from bootstrap.completeness import this_python
from bootstrap.seal import UNFINISHED, Seal, contents
from bootstrap.troubles import Trouble

RUN, TESTS, PROJECT = "requirements.lock", "requirements-dev.lock", "pyproject.toml"
STORES = "requirements-stores.lock"
"""What the stores for secrets outside of the database need, for those who use one; the tests' file holds it too."""
BEFORE = ".venv-before"
# In scripts these characters would end or change the path of their Python.
UNFIT = '"$`\\:\n'


@dataclass(frozen=True)
class House:
    """The folder of a clone with its environment."""

    root: Path

    @property
    def place(self) -> Path:
        return self.root / ".venv"

    @property
    def seal(self) -> Seal:
        return Seal(self.place / "installed.json")

    def contents(self, name: str) -> str:
        return contents(self.root / name)


def make_ready(root: Path, *, tests: bool = False, exactly: bool = False) -> bool:
    """False when all was there already; with ``exactly`` it has to be this Python that the environment stands on."""
    if found := [sign for sign in UNFIT if sign in str(root)]:
        raise Trouble(f"The path of this folder holds {found[0]!r}, with which no program in it starts: rename it.")
    house, changed = House(root), False
    if not _sound(house, tests, exactly):
        print("Installing Usher into .venv (about a minute the first time) …", flush=True)
        with _the_earlier_one_kept(house):
            _make_anew(house)
        changed = True
    elif house.seal.read().get(PROJECT) != house.contents(PROJECT):
        print("Installing Usher anew, since pyproject.toml has changed …", flush=True)
        _product(house, environment.installer(house.place))
        changed = True
    if tests and house.seal.read().get(TESTS) != house.contents(TESTS):
        print("Installing what the tests need …", flush=True)
        _what_tests_need(house)
        changed = True
    # Still there when an installation was ended after its last step.
    _remove(root / BEFORE)
    compiled(environment.python_in(house.place), root)
    return changed


def _sound(house: House, tests: bool, exactly: bool) -> bool:
    noted = house.seal.read()
    asked = [RUN, TESTS] if tests else [RUN]
    if noted.get("folder") != str(house.root) or noted.get(RUN) is None:
        return False
    if any(noted.get(lock) not in (None, house.contents(lock)) for lock in asked):
        return False
    found = environment.look_into(house.place, _needed(noted.get(TESTS) if tests else None))
    if found is None or found.lacking or found.python != noted.get("python"):
        return False
    return not exactly or found.python == this_python()


def _make_anew(house: House) -> None:
    environment.make(house.place, house.root)
    installer = environment.installer(house.place)
    installer.locked(house.root / RUN, house.root)
    _product(house, installer)


def _product(house: House, installer: environment.Installer) -> None:
    installer.product(house.root)
    found = _complete(house, "usher")
    noted = {RUN: house.contents(RUN), PROJECT: house.contents(PROJECT)}
    house.seal.add(folder=str(house.root), python=found.python, **noted)


def _what_tests_need(house: House) -> None:
    house.seal.add(**{TESTS: UNFINISHED})
    environment.installer(house.place).locked(house.root / TESTS, house.root)
    _complete(house, _needed(TESTS))
    house.seal.add(**{TESTS: house.contents(TESTS)})


def _complete(house: House, needed: str) -> environment.Found:
    found = environment.look_into(house.place, needed)
    if found is None:
        raise Trouble("The environment in .venv does not start, though it was just made: is this Python sound?")
    if found.lacking:
        raise Trouble(
            f"The lock files lack something that pyproject.toml asks for (make lock): {'; '.join(found.lacking)}"
        )
    return found


def _needed(tests: str | None) -> str:
    return "usher[dev]" if tests and tests != UNFINISHED else "usher"


@contextmanager
def _the_earlier_one_kept(house: House) -> Iterator[None]:
    """One that worked comes back when the new one cannot be made, as offline after an update: it still runs Usher."""
    before = house.root / BEFORE
    noted = house.seal.read()
    found = environment.look_into(house.place) if noted.get("folder") == str(house.root) else None
    if found and not found.lacking:
        _remove(before)
        house.place.rename(before)
    _remove(house.place)
    try:
        yield
    except BaseException:
        _remove(house.place)
        if before.exists():
            before.rename(house.place)
        raise
    _remove(before)


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
