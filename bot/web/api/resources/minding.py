"""Links that are alive, in their creator's hand: more time, a pause, its end."""

from typing import Annotated

from pydantic import Field

from bot.services.tokens.scopes import Scope
from bot.web.api.operations import Asked, Operation, Sent
from bot.web.api.resources.links import TAG, Link, told


class More(Sent):
    hours: Annotated[float, Field(gt=0, le=8_760)]
    """So much later than it would have ended."""


async def extend(asked: Asked) -> Link:
    return told(await asked.services.links.extend(asked.member, asked.path["link_id"], asked.body.hours))


async def pause(asked: Asked) -> Link:
    """Nobody new starts; who chats goes on."""
    return told(await asked.services.links.pause(asked.member, asked.path["link_id"]))


async def resume(asked: Asked) -> Link:
    return told(await asked.services.links.pause(asked.member, asked.path["link_id"], paused=False))


OPERATIONS = (
    Operation(
        "extendLink",
        TAG,
        "POST",
        "/links/{link_id}/extend",
        "Gives a link more time; open chats are told.",
        Scope.LINKS_WRITE,
        extend,
        Link,
        body=More,
    ),
    Operation(
        "pauseLink",
        TAG,
        "POST",
        "/links/{link_id}/pause",
        "Lets nobody new start by a link; who chats goes on.",
        Scope.LINKS_WRITE,
        pause,
        Link,
    ),
    Operation(
        "resumeLink",
        TAG,
        "POST",
        "/links/{link_id}/resume",
        "Lets people start by a paused link again.",
        Scope.LINKS_WRITE,
        resume,
        Link,
    ),
)
