"""What a link's creator should know of it, since only they can help; a guest reads no more than that they were told."""

from collections.abc import Sequence
from datetime import timedelta

from bot import words
from bot.agent.events import Failed
from bot.services import log_entries
from bot.services.log_entries import Entry
from storage.database import Tables
from storage.schema import new_id, now
from storage.tables import Link

KIND = "host_note"
AWAY, NO_FURTHER = "away", "no_further"
NEARLY = 0.8
"""Of what a link may spend: time enough to make another."""


def failed(event: Failed) -> Entry:
    """What a guest reads of a failed turn: they have neither settings to mend nor a new conversation to start."""
    code = AWAY if event.setup else NO_FURTHER if event.anew else event.code
    english = words.of("en")
    wait = {"wait": timedelta(seconds=event.seconds)} if event.seconds else {}
    values = {"seconds": event.seconds} if event.seconds else {}
    return log_entries.status("failed", english(f"status.{code}", **wait), code=code, values=values, anew=event.anew)


async def tell_of_silence(tables: Tables, link: Link) -> None:
    """Guests get no answers, for a reason that administrators have to mend: told once a day."""
    await _add(tables, link, "silent", f"{now():%Y-%m-%d}")


async def tell_of_guessing(tables: Tables, link: Link) -> None:
    """Somebody who has the address tries passcodes: told once a day."""
    await _add(tables, link, "guessed", f"{now():%Y-%m-%d}")


async def tell_of_crowd(tables: Tables, link: Link) -> None:
    """Chats on it are started faster than people start them: told once a day."""
    await _add(tables, link, "crowd", f"{now():%Y-%m-%d}")


async def tell_of_unreachable(tables: Tables, link: Link) -> None:
    """The code for whom it is does not reach them: told once a day."""
    await _add(tables, link, "unreachable", f"{now():%Y-%m-%d}")


async def tell_of_spending(tables: Tables, link: Link, *, spent: float, turn: float) -> None:
    """When most is gone, and when what is left is not enough for a ``turn``: each told once. All of it is 1."""
    if spent + turn > 1:
        await _once(tables, link, "spent")
    elif spent >= NEARLY:
        await _once(tables, link, "nearly_spent")


async def tell_of_tampering(tables: Tables, link: Link) -> None:
    """It is not what its creator looked at any more, and nobody who may has changed it: told once a day."""
    await _add(tables, link, "tampered", f"{now():%Y-%m-%d}")


async def tell_of_lost_tools(tables: Tables, link: Link, names: Sequence[str], *, all_gone: bool) -> None:
    """Its guests' chats go on without these; each loss is told by itself."""
    what = "no_tools_left" if all_gone else "tools_lost"
    await _add(tables, link, what, new_id(), names=", ".join(names))


async def tell_of_lost_channel(tables: Tables, link: Link) -> None:
    """Its chats are followed in the direct message from now on."""
    await _add(tables, link, "channel_lost", "once", names=f"#{link.follow_channel}")


async def _once(tables: Tables, link: Link, what: str) -> None:
    if await tables.handled.first_time_ever(link.workspace_id, f"{KIND}:{link.id}:{what}"):
        await _add(tables, link, what, "once")


async def _add(tables: Tables, link: Link, what: str, when: str, **more: str) -> None:
    payload = {"workspace": link.workspace_id, "creator": link.creator_id, "title": link.title, "what": what, **more}
    await tables.jobs.add(KIND, f"{KIND}:{link.id}:{what}:{when}", payload, now(), workspace=link.workspace_id)
