"""What open modals show, whatever Slack lets wait: nothing older takes the place of what is newer."""

from collections import OrderedDict
from itertools import count
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import code_of
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.screens.blocks.elements import View

GONE = frozenset({"not_found", "hash_conflict", "view_not_found"})
"""The modal was closed, or shows something newer."""
REMEMBERED = 1000
_turns = KeyedLocks()
_numbers = count(1)
_shown: OrderedDict[str, int] = OrderedDict()
"""By modal, what was shown in it last by this process."""


def by_now() -> int:
    """The number of all that has been shown: for ``unless_since``."""
    return next(_numbers)


async def updated(
    client: AsyncWebClient, view_id: str, view: View, *, external_id: str = "", unless_since: int | None = None
) -> bool:
    """Put ``view`` into an open modal; False when it was closed meanwhile.

    Those of one modal go out one after the other: Slack may let the first wait and not the second. ``unless_since``:
    not where another has been shown since then.
    """
    which: dict[str, Any] = {"external_id": external_id} if external_id else {"view_id": view_id}
    modal = external_id or view_id
    async with _turns.turn(modal):
        if unless_since is not None and _shown.get(modal, 0) > unless_since:
            return True
        try:
            await client.views_update(view=view, **which)
        except SlackApiError as error:
            if code_of(error) in GONE:
                return False
            raise
        _shown[modal] = by_now()
        _shown.move_to_end(modal)
        while len(_shown) > REMEMBERED:
            _shown.popitem(last=False)
    return True
