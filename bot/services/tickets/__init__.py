"""Single-use URLs for one act of one member, and how the browser that opens one shows that it is theirs."""

from bot.services.tickets.tickets import (
    KEY,
    PATHS,
    READING,
    SECRET,
    SIGN_IN,
    TOKEN,
    TRIES,
    Entry,
    Issued,
    TicketGone,
    Tickets,
    usable,
    use,
)

__all__ = [
    "KEY",
    "PATHS",
    "READING",
    "SECRET",
    "SIGN_IN",
    "TOKEN",
    "TRIES",
    "Entry",
    "Issued",
    "TicketGone",
    "Tickets",
    "usable",
    "use",
]
