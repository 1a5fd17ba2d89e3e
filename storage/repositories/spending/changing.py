"""The statements by which budgets are changed, each compiled once."""

from functools import cache

import sqlalchemy as sa

from storage.repositories.repository import Insert, by_key, given, insert_into, table_of
from storage.tables import Budget, SpendingLimit

UNLIMITED = 2**62
_OF = table_of(Budget).c
_LIMIT = table_of(SpendingLimit).c
_KEY_HERE: sa.ColumnElement[str] = sa.literal_column("budgets.key", sa.String)
"""Of the row in conflict: SQLAlchemy would select it once more, from all rows, in what is looked up for it."""
_COUNTS = ("tokens_spent", "tokens_reserved", "money_spent", "money_reserved")


def whole_number(name: str) -> sa.BindParameter[int]:
    return sa.bindparam(name, type_=sa.BigInteger)


@cache
def reserved(count: int, on_postgres: bool) -> sa.Executable:
    """For `given` rows of ``key``, ``kept_until``, the caps ``tokens`` and ``money``, and whose limits hold."""
    insert = _new(count, on_postgres, "tokens_reserved", "money_reserved", limited=True)
    tokens, money = insert.excluded.tokens_reserved, insert.excluded.money_reserved
    cost = _OF.money_spent + _OF.money_reserved + money
    free = (
        _OF.tokens_spent + _OF.tokens_reserved + tokens <= by_key(_OF.key, count, "tokens"),
        cost <= by_key(_OF.key, count, "money"),
        cost <= _limit(_KEY_HERE, count),
    )
    taken = insert.on_conflict_do_update(
        index_elements=["workspace_id", "key"],
        set_={
            "tokens_reserved": _OF.tokens_reserved + tokens,
            "money_reserved": _OF.money_reserved + money,
            "kept_until": insert.excluded.kept_until,
        },
        where=sa.and_(*free),
    )
    return taken.returning(_OF.key)


@cache
def settled(count: int, on_postgres: bool) -> sa.Executable:
    """For `given` rows of ``key`` and ``kept_until``."""
    insert = _new(count, on_postgres, "tokens_spent", "money_spent")
    settled = insert.on_conflict_do_update(
        index_elements=["workspace_id", "key"],
        set_={
            "tokens_spent": _OF.tokens_spent + insert.excluded.tokens_spent,
            "money_spent": _OF.money_spent + insert.excluded.money_spent,
            "tokens_reserved": _OF.tokens_reserved - whole_number("tokens_back"),
            "money_reserved": _OF.money_reserved - whole_number("money_back"),
        },
    )
    return settled.returning(*_OF)


@cache
def added(on_postgres: bool) -> sa.Executable:
    """For rows of the names of an `Amount`, one after the other in the order of their keys."""
    insert = insert_into(table_of(Budget), on_postgres)
    new = insert.excluded
    changed = {name: _OF[name] + new[name] for name in _COUNTS}
    changed["tokens_reserved"] -= whole_number("tokens_back")
    changed["money_reserved"] -= whole_number("money_back")
    later = sa.case((new.kept_until > _OF.kept_until, new.kept_until), else_=_OF.kept_until)
    columns = ("workspace_id", "key", "kept_until", *_COUNTS)
    values = {name: sa.bindparam(name, type_=_OF[name].type) for name in columns}
    return insert.values(values).on_conflict_do_update(
        index_elements=["workspace_id", "key"], set_={**changed, "kept_until": later}
    )


def _limit(key: sa.ColumnElement[str], count: int) -> sa.ColumnElement[int]:
    """That holds besides its cap for the row with this column ``key``; nobody's is no limit."""
    found = [
        sa.select(_LIMIT.money)
        .where(_LIMIT.workspace_id == sa.bindparam("workspace_id"), _LIMIT.whose == _whose(key, count, name))
        .scalar_subquery()
        for name in ("first", "then")
    ]
    return sa.func.coalesce(*found, sa.literal(UNLIMITED, sa.BigInteger))


def _whose(key: sa.ColumnElement[str], count: int, name: str) -> sa.ColumnElement[str]:
    each = [
        (key == sa.bindparam(f"key_{number}"), sa.bindparam(f"{name}_{number}", type_=sa.String))
        for number in range(count)
    ]
    return sa.case(*each)


def _new(count: int, on_postgres: bool, *counts: str, limited: bool = False) -> Insert:
    """One order everywhere, or of two that wait for each other's rows PostgreSQL would end one."""
    rows = given(count, _OF.key, _OF.kept_until).subquery("rows")
    values = {
        "workspace_id": sa.bindparam("workspace_id", type_=_OF.workspace_id.type),
        "key": rows.c.key,
        "kept_until": rows.c.kept_until,
        **{name: whole_number(name if name in counts else "none") for name in _COUNTS},
    }
    chosen = sa.select(*(value.label(name) for name, value in values.items())).order_by(rows.c.key)
    if limited:  # the first of a period, too
        chosen = chosen.where(whole_number("money_reserved") <= _limit(rows.c.key, count))
    return insert_into(table_of(Budget), on_postgres).from_select(list(values), chosen)
