"""Whole processes and a real browser, from end to end."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.house import House
from tests.support.browser import options


@pytest.fixture
def browser() -> Iterator[Browser]:
    """One for each test: while the driver runs, its loop would be in the way of other tests of this process."""
    with sync_playwright() as driver:
        running = driver.chromium.launch(**options())
        yield running
        running.close()


@pytest.fixture
def empty_house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """Not started yet; stopped at the end when it runs."""
    house = House(tmp_path / "try", request.node.name[:40].replace("/", "-").replace("[", "-"))
    yield house
    if house.is_running:
        house.stop()


@pytest.fixture
def house(empty_house: House, sqlite_template: Path) -> House:
    """Running, on a database that is up to date: a newcomer's, which the walk begins with, takes a second to make."""
    empty_house.take_ports()
    shutil.copy(sqlite_template, empty_house.folder / "usher.db")
    empty_house.start()
    return empty_house
