"""axe-core, the accessibility engine: what it finds on a page, by rule and place."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
"""Taken as npm publishes it and never edited."""
SHA384 = "c6dd52160e3d41a0f0b32b745dfb365c0c81b583c29579775f6ab938e2de180526abd8d94d820c773b6917df56761887"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What is well is not told of one by one: to name each place took longer than to look at it.
RUN = """async only => (await axe.run(document, {runOnly: only, resultTypes: ['violations']})).violations
  .map(each => [each.id, each.nodes.map(node => node.target.join(' ') + ' ' + (node.any[0]?.message ?? ''))])"""


async def complaints(page: Page) -> list[Any]:
    """Empty where axe has nothing to say, by day and by night; the page's context has to bypass its CSP."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[Any] = await page.evaluate(RUN, RULES)
    await page.emulate_media(color_scheme="dark")
    found += await page.evaluate(RUN, ["color-contrast"])  # nothing else is another by night
    await page.emulate_media(color_scheme="light")
    return found
