"""Several requests of one workspace are set aside, or settled, by as many statements as one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.services.limits.budgets.accounts import Account
from bot.services.limits.budgets.months import limit_of
from bot.services.limits.budgets.took import Took
from storage.database import Tables
from storage.repositories.spending.budgets import Amount, Cap
from storage.tables import Budget, Link, Reservation


@dataclass(frozen=True)
class Wanted:
    """To be set aside for one request."""

    account: Account
    reservation: Reservation
    caps: Sequence[Cap]


@dataclass(frozen=True)
class Added:
    """A budget as it stands, and what of it was spent just now."""

    held: Budget
    tokens: int
    money: int


async def fit(tables: Tables, workspace: str, wanted: Sequence[Wanted]) -> bool:
    """Set aside for all of them; False when there is not enough for all: the caller rolls back."""
    wholes: dict[str, list[tuple[Cap, Reservation]]] = defaultdict(list)
    shares: dict[str, list[tuple[Cap, Reservation]]] = defaultdict(list)
    for each in wanted:
        if each.account.link:
            wholes[each.account.link.key].append((each.account.link, each.reservation))
        for cap in each.caps:
            shares[cap.key].append((cap, each.reservation))
    for link, those in sorted(wholes.items()):
        if not await tables.links.reserve(workspace, link, *_sum(those), _narrowest(those)):
            return False
    amounts = [_set_aside(_narrowest(those), *_sum(those)) for those in shares.values()]
    found = await tables.budgets.add_up(workspace, amounts)
    limits = await tables.budgets.limits(workspace)
    for key, those in shares.items():
        cap = _narrowest(those)
        if not _holds(found[key], cap.within(limit_of(limits, cap.whose))):
            return False
    await tables.budgets.note_all(workspace, [each.reservation for each in wanted])
    return True


async def settled(
    tables: Tables, workspace: str, taken: Sequence[tuple[Reservation, Took]], kept_until: datetime
) -> tuple[list[Link], Mapping[str, Added]]:
    """What was really spent, in the place of what was set aside: on each link, and on each budget."""
    by_link: dict[str, list[tuple[Reservation, Took]]] = defaultdict(list)
    by_key: dict[str, list[tuple[Reservation, Took]]] = defaultdict(list)
    for reservation, took in taken:
        if reservation.link_id:
            by_link[reservation.link_id].append((reservation, took))
        for key in reservation.keys:
            by_key[key].append((reservation, took))
    links = []
    for link_id, those in sorted(by_link.items()):
        back = _amount(link_id, those, kept_until)
        whole = Reservation(workspace_id=workspace, link_id=link_id, tokens=back.tokens_back, money=back.money_back)
        unpriced = next((took.unpriced for _, took in those if took.unpriced), "")
        if link := await tables.links.settle(whole, back.tokens_spent, back.money_spent, unpriced):
            links.append(link)
    amounts = {key: _amount(key, those, kept_until) for key, those in by_key.items()}
    if len(taken) == 1:
        [(reservation, took)] = taken
        found = await tables.budgets.settle(reservation, took.tokens, took.money, kept_until)
    else:
        found = await tables.budgets.add_up(workspace, list(amounts.values()))
    return links, {key: Added(held, amounts[key].tokens_spent, amounts[key].money_spent) for key, held in found.items()}


def _sum(those: Sequence[tuple[Cap, Reservation]]) -> tuple[int, int]:
    return sum(each.tokens for _, each in those), sum(each.money for _, each in those)


def _narrowest(those: Sequence[tuple[Cap, Reservation]]) -> Cap:
    """Of one budget; it may have been changed between two of them."""
    caps = [cap for cap, _ in those]
    latest = max(cap.kept_until for cap in caps)
    tokens, money = min(cap.tokens for cap in caps), min(cap.money for cap in caps)
    return replace(caps[0], tokens=tokens, money=money, kept_until=latest)


def _set_aside(cap: Cap, tokens: int, money: int) -> Amount:
    return Amount(cap.key, cap.kept_until, tokens_reserved=tokens, money_reserved=money)


def _holds(held: Budget, cap: Cap) -> bool:
    tokens, money = held.tokens_spent + held.tokens_reserved, held.money_spent + held.money_reserved
    return tokens <= cap.tokens and money <= cap.money


def _amount(key: str, those: Sequence[tuple[Reservation, Took]], kept_until: datetime) -> Amount:
    return Amount(
        key,
        kept_until,
        tokens_spent=sum(took.tokens for _, took in those),
        money_spent=sum(took.money for _, took in those),
        tokens_back=sum(each.tokens for each, _ in those),
        money_back=sum(each.money for each, _ in those),
    )
