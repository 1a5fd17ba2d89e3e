"""How a member's connections are: asked for their tools now, told in a sentence; the pool keeps how that went."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.services.cards.shelf import SHARED
from bot.services.connections.telling.failures import sentence_of_stored
from bot.services.connections.telling.left_out import left_out
from bot.services.connections.values import Found, SignIn, Tested
from mcp_runtime.errors import ServerError
from mcp_runtime.oauth.grants import FIELD as OAUTH
from mcp_runtime.sessions.pool import Offer, Pool
from mcp_runtime.states import State, state_of
from run_cards.card import RunCard
from storage.database import Database
from storage.schema import now
from storage.tables import Connection, PinnedTool

LOOK_AGAIN_AFTER = timedelta(minutes=1)
"""So long a connection that fails is left alone by those who only look."""


LOOK_EVERY = timedelta(minutes=10)
UNSEEN_FOR, USED_WITHIN = timedelta(hours=6), timedelta(days=30)
"""What was not used for so long may wait for whoever uses it again."""
FEWEST, AT_ONCE, PAGE = 5, 4, 200


class Checking:
    def __init__(self, db: Database, pool: Pool, cards: Mapping[str, RunCard]) -> None:
        self._db = db
        self._pool = pool
        self._cards = cards

    async def test(self, connection: Connection) -> Tested:
        begun, title = time.perf_counter(), connection.title
        async with self._db.read() as tables:
            known = await tables.tools.of(connection.workspace_id, connection.id)
            held = await tables.secrets.of(connection.workspace_id, connection.member_id, connection.id)
        signs_in = _signs_in(connection, [each.field for each in held])
        try:
            offer = await self._pool.listing(connection)
        except ServerError as error:
            trouble = sentence_of_stored(error, self._cards.get(connection.card))
            return Tested(
                False,
                f"{title} cannot be used. {trouble}",
                _since(begun),
                0,
                error.cause,
                title=title,
                signs_in=signs_in,
            )
        if connection.nothing_beside:  # looked for again when its member next looks
            async with self._db.begin() as tables:
                await tables.connections.found_beside(connection.workspace_id, connection.id, nothing=False)
        took, count = _since(begun), len(offer.tools)
        tools = "1 tool" if count == 1 else f"{count} tools"
        sentence = f"{title} answered in {took} ms with {tools}. {left_out(offer.left_out)}".strip()
        found = _found(known, offer)
        return Tested(True, sentence, took, count, found=found, title=title, signs_in=signs_in)

    async def look_again(self, connections: Sequence[Connection]) -> list[Connection]:
        moment = now()
        due = [each for each in connections if state_of(each) is State.NOT_ANSWERING and _rested(each, moment)]
        well = await asyncio.gather(*(self._is_well(each) for each in due))
        return [each for each, works in zip(due, well, strict=True) if works]

    async def look_at_unseen(self) -> int:
        """Connections that nobody has looked at for hours; how many. Called every `LOOK_EVERY`, it spreads them.

        A change is told to its member by what every listing tells, once; that nothing has changed, by nothing.
        """
        moment, at_once, looked = now(), asyncio.Semaphore(AT_ONCE), 0
        async with self._db.read() as tables:
            workspaces = await tables.workspaces.ids()
        for workspace in workspaces:
            due = [each async for each in self._unseen(workspace, moment)]
            # As many as bring all of them their turn again in good time.
            due = due[: max(FEWEST, -(-len(due) * LOOK_EVERY // UNSEEN_FOR))]
            await asyncio.gather(*(self._look(each, at_once) for each in due))
            looked += len(due)
        return looked

    async def _unseen(self, workspace: str, moment: datetime) -> AsyncIterator[Connection]:
        after, page = "", PAGE
        while page == PAGE:
            async with self._db.read() as tables:
                found = await tables.connections.unseen(
                    workspace,
                    seen_before=moment - UNSEEN_FOR,
                    used_since=moment - USED_WITHIN,
                    at=moment,
                    after=after,
                    most=PAGE,
                )
            for each in found:
                if not await self._pool.permits(each):
                    yield each
            page, after = len(found), found[-1].id if found else after

    async def _look(self, connection: Connection, at_once: asyncio.Semaphore) -> None:
        async with at_once:
            await self._is_well(connection)
            async with self._db.begin() as tables:
                await tables.connections.seen(connection.workspace_id, connection.id, now())

    async def _is_well(self, connection: Connection) -> bool:
        try:
            await self._pool.listing(connection)
        except ServerError:
            return False  # its row says so already
        return True


def _found(known: Sequence[PinnedTool], offer: Offer) -> Found:
    """By comparison with the tools as they were before."""
    pins = {tool.name: tool.pin for tool in offer.tools}
    there = {tool.name for tool in known if tool.state != "gone"}
    changed = (tool.name for tool in known if tool.name in pins and pins[tool.name] != tool.pin)
    return Found(
        transport=offer.speaks.get("transport", ""),
        version=offer.speaks.get("version", ""),
        added=tuple(sorted(pins.keys() - there)),
        gone=tuple(sorted(there - pins.keys())),
        changed=tuple(sorted(changed)),
        left_out=left_out(offer.left_out),
    )


def _signs_in(connection: Connection, fields: Sequence[str]) -> SignIn:
    """``fields`` are those that it holds a secret for."""
    if connection.spec.get(SHARED):
        return SignIn.SHARED
    if OAUTH in fields:
        return SignIn.OAUTH
    return SignIn.TOKEN if fields else SignIn.NONE


def _rested(connection: Connection, moment: datetime) -> bool:
    wished = connection.retry_at or connection.checked_at
    return moment > max(connection.checked_at + LOOK_AGAIN_AFTER, wished)


def _since(begun: float) -> int:
    """Milliseconds."""
    return round((time.perf_counter() - begun) * 1000)
