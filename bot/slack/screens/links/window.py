"""All of a creator's links in a window of their own: found by words of their titles, in pages, revoked together."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.services.links.values import is_live
from bot.slack.screens.blocks.elements import (
    Block,
    View,
    actions,
    button,
    field,
    modal,
    option,
    section,
    select_several,
    sure,
    text_input,
)
from bot.slack.screens.blocks.text import count, one_line
from bot.slack.screens.links import listing
from storage.tables import Link

SEARCH, SEARCH_FORM = "link.search", "link.search_form"
PAGE, REVOKE_CHOSEN, CHOSEN = "link.window_page", "link.revoke_chosen", "chosen"
TITLE = "My chat links"
LONGEST = 60
NONE_FOUND = ":mag: No link of yours is called so."
NONE_CHOSEN = ":point_up: Choose the links first that are to be revoked."
TOGETHER = "All that you chose stop working for good, and every open chat on them ends at once."


@dataclass(frozen=True)
class Looking:
    words: str = ""
    page: int = 0


def window(links: Sequence[Link], now: datetime, looking: Looking = Looking(), told: str = "") -> View:
    """``told``, escaped already, stands on top."""
    live = [link for link in links if is_live(link, now)]
    found = [link for link in live if _matches(link, looking.words)]
    blocks = [section(told)] if told else []
    if not live:
        return modal(TITLE, [*blocks, section(listing.NONE_YET), actions(listing.create_button())])
    box = text_input(initial=looking.words, placeholder="Words of its title", most=LONGEST)
    blocks.append(field(SEARCH, "Search", box, optional=True))
    rows = listing.rows(found, looking.page, PAGE) if found else [section(NONE_FOUND)]
    metadata = json.dumps(asdict(looking))
    shown = [*blocks, *rows, *_together(found)]
    return modal(TITLE, shown, callback_id=SEARCH_FORM, submit="Search", metadata=metadata)


def looking_of(metadata: str) -> Looking:
    return Looking(**json.loads(metadata)) if metadata else Looking()


def chosen(values: dict[str, object]) -> list[str]:
    """The links' ids."""
    ids = next((value for name, value in values.items() if name.startswith(CHOSEN)), None)
    return [str(each) for each in ids] if isinstance(ids, list) else []


def _matches(link: Link, words: str) -> bool:
    return all(word in link.title.casefold() for word in words.casefold().split())


def _together(found: Sequence[Link]) -> list[Block]:
    """The field has another name after each change, or Slack would keep what was chosen and is gone."""
    if len(found) < 2:
        return []
    options = [option(one_line(each.title, 75), each.id, _about(each)) for each in found[:100]]
    several = select_several("value", options)
    confirm = sure("Revoke them?", TOGETHER, "Revoke", "Keep them")
    return [
        field(f"{CHOSEN}@{len(found)}", "Revoke several", several, optional=True),
        actions(button("Revoke the chosen", REVOKE_CHOSEN, style="danger", confirm=confirm)),
    ]


def _about(link: Link) -> str:
    return f"{link.used_sessions} of {count(link.max_sessions, 'guest')}, until {link.expires_at:%d %b %H:%M} UTC"
