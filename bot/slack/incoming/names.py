"""What people are called in words that were said by others."""

import asyncio
from collections.abc import Collection

from bot.slack.edge.errors import TROUBLE
from bot.slack.edge.people.profiles import Profiles

AT_ONCE = 10
"""People whose names are looked up for one message; more keep their ids."""


async def names_of(profiles: Profiles, ids: Collection[str]) -> dict[str, str]:
    """By id; one that Slack does not tell is left out."""
    people = [each for each in sorted(ids) if each[:1] in "UW"]
    to_ask = [each for each in people if profiles.known(each) is None]
    people = [each for each in people if each not in to_ask[AT_ONCE:]]
    names = await asyncio.gather(*(_name(profiles, each) for each in people))
    return {user_id: name for user_id, name in zip(people, names, strict=True) if name}


async def _name(profiles: Profiles, user_id: str) -> str:
    try:
        return (await profiles.of(user_id)).name
    except TROUBLE:
        return ""
