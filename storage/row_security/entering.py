"""Which workspace a transaction is about, told to PostgreSQL before each question that is about one.

Whose rows a question is about is what its first argument says (`tests/storage/test_isolation` holds every repository to
that): a workspace, a member, or a row of a workspace. What is about nobody's, as upkeep is, sees all.
"""

import inspect
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from storage.members import Member

SETTING = "usher.workspace"
ALL = "*"
"""For what is about nobody's rows. Nothing said is nothing seen."""
WALLED = "usher_walled"
# For this transaction only (the third argument): a connection goes on to whoever comes next.
ENTER = sa.text(f"SELECT set_config('{SETTING}', :workspace, true)")


def look(connection: Any, record: Any) -> None:
    """SQLAlchemy's hook for a new connection: does the wall hold for the role that it was opened as?"""
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT coalesce(row_security_active(to_regclass('workspaces')), false)")
        record.info[WALLED] = cursor.fetchone()[0]
    finally:
        cursor.close()
        connection.rollback()  # or its first transaction would go on in this one, which may write


async def is_walled(connection: AsyncConnection) -> bool:
    return bool((await connection.get_raw_connection()).info.get(WALLED))


class Transaction:
    """What PostgreSQL has been told in this one."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._within: str | None = None

    async def enter(self, workspace: str) -> None:
        """A round trip where the wall holds and it was another before; else nothing."""
        if workspace == self._within:
            return
        connection = await self._session.connection()
        # Not by the session: that would write what waits in it first, as another's.
        if await is_walled(connection):
            await connection.execute(ENTER, {"workspace": workspace})
        self._within = workspace


class Walled:
    """A repository whose every question is asked from within the workspace that it is about."""

    def __init__(self, repository: object, transaction: Transaction) -> None:
        self._repository = repository
        self._transaction = transaction

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        ask = getattr(self._repository, name)
        first = _first_of(ask.__func__)

        async def asked(*given: Any, **named: Any) -> Any:
            await self._transaction.enter(whose(first, given, named))
            return await ask(*given, **named)

        return asked


def whose(first: str, given: tuple[Any, ...], named: dict[str, Any]) -> str:
    """The workspace that a question is about by its first argument, of this name."""
    about = given[0] if given else named.get(first)
    if first == "workspace" and about is not None:
        return str(about)
    if isinstance(about, Member):
        return about.workspace
    return getattr(about, "workspace_id", None) or ALL


@cache
def _first_of(method: Callable[..., Any]) -> str:
    names = list(inspect.signature(method).parameters)[1:]
    return names[0] if names else ""
