"""A real Chromium for the tests that look at pages: the system's own, driven by Playwright.

Its build without a window takes a third of the time: the other draws tabs and menus that nobody sees, for each page.
"""

import os
import shutil
from typing import Any

from playwright.async_api import expect
from playwright.sync_api import expect as expect_in_a_thread

from tests.support.requirements import require

for each in (expect, expect_in_a_thread):
    each.set_options(timeout=60_000)  # guards against hanging alone: nothing is asserted about time

BUILDS = ("chromium-headless-shell", "chromium", "chromium-browser")
FOUND = next(filter(None, map(shutil.which, BUILDS)), None)


def options() -> dict[str, Any]:
    """How to launch it; without one the test is skipped, or fails where nothing may be."""
    require(FOUND is not None, "Chromium is not installed")
    arguments = ["--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"]
    # Chromium refuses to run as root with its sandbox.
    return {"executable_path": FOUND, "args": [*arguments, *(["--no-sandbox"] if os.geteuid() == 0 else [])]}
