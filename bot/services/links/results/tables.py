"""What came of links as CSV, for spreadsheets; pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.services.files.spreadsheets import Cell, csv_of
from bot.services.limits.prices import DOLLAR
from bot.services.links.results.usage import Usage, Visit


def of_guests(usage: Usage) -> str:
    """One row a guest, with what they answered."""
    head = ["Guest", "Started (UTC)", "Ended (UTC)", "Why it ended", "Messages", "Seconds to the first answer"]
    head += ["Tokens", "US dollars, about", "Questions answered", *usage.link.covers, "Summary"]
    return csv_of([head, *(_guest(usage, visit) for visit in reversed(usage.visits))])


def of_links(usages: Sequence[Usage]) -> str:
    """One row a link."""
    head = ["Link", "Made (UTC)", "Until (UTC)", "Revoked (UTC)", "Guests at most", "Opened by people", "By machines"]
    head += ["Started", "Wrote", "Messages", "All answered", "Left early", "Seconds to the first answer"]
    head += ["Tokens", "US dollars, about", "Model of unknown price"]
    return csv_of([head, *map(_link, usages)])


def _guest(usage: Usage, visit: Visit) -> list[Cell]:
    session, covers = visit.session, usage.link.covers
    told: list[Cell] = [session.guest_name, _at(session.started_at), _at(session.ended_at), session.end_reason]
    told += [session.messages, _seconds(visit.first_answer), visit.tokens, _dollars(visit.money), visit.answered]
    return [*told, *(visit.answers.get(str(number), "") for number, _ in enumerate(covers, 1)), visit.summary]


def _link(usage: Usage) -> list[Cell]:
    link, counts = usage.link, usage.counts
    told: list[Cell] = [link.title, _at(link.created_at), _at(link.expires_at), _at(link.revoked_at), link.max_sessions]
    told += [usage.opened, usage.previewed, counts.started, counts.wrote, counts.messages, counts.complete]
    told += [usage.left_early, _seconds(usage.first_answer)]
    return [*told, link.tokens_spent, _dollars(link.money_spent), link.unpriced]


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _dollars(money: int) -> float:
    return money / DOLLAR


def _seconds(wait: float | None) -> float | None:
    return None if wait is None else round(wait, 1)
