"""A creator's links, with what can be done about each."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.services.links.values import is_live
from bot.slack.screens.blocks.elements import Block, actions, button, context, section, sure
from bot.slack.screens.blocks.paging import page_of
from bot.slack.screens.blocks.text import count
from bot.slack.screens.links import access, changes, usage, words
from bot.slack.screens.links.menu import menu
from storage.repositories.links.figures import Counts
from storage.tables import Link

Figures = Mapping[str, Counts]
NO_FIGURES: Figures = {}
CREATE = "link.create"
REVOKE_ALL = "link.revoke_all"
PAGE, FIND = "link.page", "link.find"
PAGE_SIZE, MOST_LISTED = 10, 20
"""Slack takes 50 blocks in a message, and in the Home tab connections need room too."""
WHICH = "*Revoke which one?*"
NONE_YET = "You have no links. A link lets somebody without Slack chat with me for a few hours."


def listed(
    links: Sequence[Link],
    now: datetime,
    told: str = "",
    page: int = 0,
    *,
    counts: Figures = NO_FIGURES,
    first: bool = True,
) -> list[Block]:
    """For an ephemeral answer and for the Home tab alike; ``told``, escaped already, stands on top.

    ``first``: where there is none, to make one is what should be done first here.
    """
    top = [section(told)] if told else []
    live = [link for link in links if is_live(link, now)]
    if not live:
        return [*top, section(NONE_YET), actions(create_button(primary=first), results_button())]
    find = [button("Find or revoke several", FIND)] if len(live) > 1 else []
    return [*top, *rows(live, page, counts=counts), actions(create_button(primary=False), results_button(), *find)]


def rows(live: Sequence[Link], page: int = 0, turning: str = PAGE, *, counts: Figures = NO_FIGURES) -> list[Block]:
    """A page of them, each with its menu; ``turning`` is the action that turns it."""
    shown = page_of(live, page, PAGE_SIZE)
    return [
        *(section(_row(link, counts.get(link.id)), menu(link)) for link in shown.items),
        *shown.turned("link", turning),
    ]


def choose(links: Sequence[Link], now: datetime, told: str = WHICH) -> list[Block]:
    """Which one is to be revoked, or all of them. ``told`` is escaped already."""
    live = [link for link in links if is_live(link, now)]
    if not live:
        return listed(links, now)
    rows = [section(_row(link), changes.revoke_button(link)) for link in live[:MOST_LISTED]]
    all_of_them = [_revoke_all_button(live)] if 2 <= len(live) <= MOST_LISTED else []
    return [section(told), *rows, *_left(live), actions(create_button(primary=False), *all_of_them)]


def create_button(*, primary: bool = True) -> Block:
    return button("Create a link", CREATE, style="primary" if primary else "")


def results_button() -> Block:
    return button("Results", usage.RESULTS, label="Results of my links, those too that have ended")


def _left(live: Sequence[Link]) -> list[Block]:
    return [context(f"And {count(len(live) - MOST_LISTED, 'more link')}.")] if len(live) > MOST_LISTED else []


def _row(link: Link, counts: Counts | None = None) -> str:
    used = f"{link.used_sessions} of {words.guests(link)} so far"
    tools = f", {count(len(link.tools), 'tool')}" if link.tools else ""
    use = f"\n{usage.used(link, counts)}" if counts and counts.messages else ""
    paused = f"\n{words.PAUSED}" if link.paused_at else ""
    who = access.in_a_list(link)
    return f"{words.title(link)}\n{used}{tools}{who}, {words.until(link.expires_at)}{use}{paused}"


def _revoke_all_button(links: Sequence[Link]) -> Block:
    """Those that are shown, and no others."""
    text = f"{count(len(links), 'link')} stop working for good, and every open chat on them ends at once."
    confirm = sure("Revoke all of them?", text, "Revoke all")
    shown = " ".join(each.id for each in links)
    return button(f"Revoke all {len(links)}", REVOKE_ALL, shown, style="danger", confirm=confirm)


def revoked_blocks(links: Sequence[Link]) -> list[Block]:
    return [section(changes.revoked(links)), actions(create_button(primary=False))]
