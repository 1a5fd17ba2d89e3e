"""On whose account a guest's question goes: their session's, their link's, its creator's and the workspace's day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.services.limits import limits
from bot.services.limits.prices import DOLLAR
from storage.repositories.spending.budgets import Cap
from storage.tables import Link

CENT = DOLLAR // 100
LEAST = 2 * limits.TURN_TOKENS
LEAST_MONEY = 8 * CENT
"""However many guests there are, each may ask something."""
DAYS_KEPT = timedelta(days=40)
"""Longer than what came of a link is shown after its end."""
STOPS_STARTS = 0.8
"""Of a workspace's day: from there on nobody new begins, so that those who chat can end what they began."""


@dataclass(frozen=True)
class Allowances:
    """What this installation lets guests spend; a link's creator can only tighten it."""

    link_cents: int = 100
    day_tokens: int = 5_000_000
    """Of all guests of a workspace, from midnight to midnight UTC; one creator's may spend half of it."""
    day_cents: int = 1_000


USUAL = Allowances()


def of_each(cap: int, guests: int, least: int = LEAST) -> int:
    """What a link may spend is divided among its guests, so that the first cannot use up what is for all."""
    return cap if guests <= 1 else min(cap, max(cap // guests, least))


def of_link(link: Link, allowed: Allowances) -> Cap:
    cents = min(int(link.limits.get("cents", allowed.link_cents)), allowed.link_cents)
    return Cap(link.id, int(link.limits.get("tokens", limits.LINK_TOKENS)), cents * CENT, link.expires_at)


def of_session(link: Link, session_id: str, allowed: Allowances) -> Cap:
    whole, guests = of_link(link, allowed), link.max_sessions
    tokens, money = of_each(whole.tokens, guests), of_each(whole.money, guests, LEAST_MONEY)
    return Cap(key_of_session(session_id), tokens, money, link.expires_at + DAYS_KEPT)


def of_day(allowed: Allowances, at: datetime) -> Cap:
    return Cap(day_of_workspace(at), allowed.day_tokens, allowed.day_cents * CENT, at + DAYS_KEPT)


def of_creator(link: Link, allowed: Allowances, at: datetime) -> Cap:
    key = f"creator:{link.creator_id}:{at:%Y-%m-%d}"
    return Cap(key, allowed.day_tokens // 2, allowed.day_cents * CENT // 2, at + DAYS_KEPT)


def key_of_session(session_id: str) -> str:
    return f"session:{session_id}"


def day_of_workspace(at: datetime) -> str:
    return f"workspace:{at:%Y-%m-%d}"
