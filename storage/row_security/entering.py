"""Which workspace a transaction is about, told to PostgreSQL before each question that is about one.

Whose rows a question is about is what its first argument says (`tests/storage/test_isolation` holds every repository to
that): a workspace, a member, or a row of a workspace. What is about nobody's, as upkeep is, sees all.
"""

import inspect
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from storage.engines.one_transaction import OneTransaction
from storage.engines.walls import ALL, ENTER, is_walled
from storage.members import Member
from storage.repositories.repository import BEYOND


class Entering:
    """What PostgreSQL has been told in one transaction."""

    def __init__(self, transaction: OneTransaction) -> None:
        self._transaction = transaction
        self._within: str | None = None

    async def enter(self, workspace: str) -> None:
        """A round trip where the wall holds and it was another before; else nothing."""
        if workspace == self._within:
            return
        connection = self._transaction.connection
        # Not by the session: that would write what waits in it first, as another's.
        if await is_walled(connection):
            await connection.execute(ENTER, {"workspace": workspace})
        self._within = workspace


class Walled:
    """A repository whose every question is asked from within the workspace that it is about."""

    def __init__(self, repository: object, entering: Entering) -> None:
        self._repository = repository
        self._entering = entering

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        ask = getattr(self._repository, name)
        first = _first_of(ask.__func__)
        beyond = hasattr(ask, BEYOND)

        async def asked(*given: Any, **named: Any) -> Any:
            await self._entering.enter(ALL if beyond else whose(first, given, named))
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
