"""What a link may spend is divided among its guests, so that the first cannot use up what is for all."""

from bot.services.limits import limits
from bot.services.links.values import Guest
from storage.database import Tables

LEAST = 2 * limits.TURN_TOKENS
"""However many guests there are, each may ask something."""


def of_each(cap: int, guests: int) -> int:
    return cap if guests <= 1 else min(cap, max(cap // guests, LEAST))


async def check(tables: Tables, guest: Guest) -> None:
    """After the link's row was taken, so that two messages of one guest are counted one after the other.

    Raises `Refused` when this guest has had their share.
    """
    cap = int(guest.link.limits.get("tokens", limits.LINK_TOKENS))
    share = of_each(cap, guest.link.max_sessions)
    if share < cap:
        spent = await tables.turns.spent(guest.workspace, guest.conversation_id)
        if spent + limits.TURN_TOKENS > share:
            raise limits.no_more_of_share()
