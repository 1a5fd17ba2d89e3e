"""What people are called, asked once an hour."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Collection

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge.errors import TROUBLE

FOR_SECONDS = 3600.0
MOST = 5_000
AT_ONCE = 10
"""People whose names are looked up for one message; more keep their ids."""


class Names:
    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._known: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def of(self, ids: Collection[str]) -> dict[str, str]:
        """By id; one that Slack does not tell is left out."""
        now = time.monotonic()
        missing = [each for each in sorted(ids) if each[:1] in "UW" and self._known.get(each, (0.0, ""))[0] < now]
        await asyncio.gather(*map(self._look_up, missing[:AT_ONCE]))
        return {each: self._known[each][1] for each in ids if each in self._known}

    async def _look_up(self, user_id: str) -> None:
        try:
            user = (await self._client.users_info(user=user_id)).get("user") or {}
        except TROUBLE:
            return
        profile = user.get("profile") or {}
        name = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
        self._known[user_id] = (time.monotonic() + FOR_SECONDS, str(name or user_id))
        if len(self._known) > MOST:
            self._known.popitem(last=False)
