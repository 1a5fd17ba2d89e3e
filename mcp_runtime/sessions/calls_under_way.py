"""The calls that one session is at, so that what a server asks in between finds the person whom it is for."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import islice

from mcp import types
from mcp.client import ClientRequestContext
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from mcp_runtime.tools.asking.elicitation import (
    DECLINED,
    LONGEST_MESSAGE,
    Asker,
    ElicitationReply,
    ElicitationRequest,
    Hold,
    unfit,
)
from mcp_runtime.tools.clocks import Clock, resting, running_clocks
from mcp_runtime.tools.untrusted_text import shown

MOST_ASKED = 10
"""Questions of one call."""
MOST_PAGES = 50
PAGE_SECONDS = 300.0
"""For what is to be done on a page, once it was opened."""
TOO_MANY = "It asked more than {} times in one call; the rest was declined."


@dataclass
class CallUnderWay:
    """``asker`` is None where nobody can be asked, as for a guest; ``remarks`` are for the model, beside the result."""

    server: str
    connection_id: str
    tool: str
    asker: Asker | None = None
    title: str = ""
    """What people call the tool, where that is another than its name."""
    remarks: list[str] = field(default_factory=list)
    clocks: tuple[Clock, ...] = ()
    asked: int = 0

    async def ask(self, request: ElicitationRequest) -> ElicitationReply:
        """The time of the call rests meanwhile."""
        self.asked += 1
        why = TOO_MANY.format(MOST_ASKED) if self.asked > MOST_ASKED else unfit(request)
        if self.asker is None or why:
            self.remarks += [why] if why and why not in self.remarks else []
            return DECLINED
        with resting(self.clocks):
            return await self.asker.ask(request)


@dataclass
class _Page:
    call: CallUnderWay
    hold: Hold


_under_way: ContextVar[CallUnderWay | None] = ContextVar("under_way", default=None)


class CallsUnderWay:
    """Of one session."""

    def __init__(self) -> None:
        self._calls: list[CallUnderWay] = []
        self._pages: dict[str, _Page] = {}

    @contextmanager
    def begun(self, call: CallUnderWay) -> Iterator[None]:
        call.clocks = running_clocks()
        self._calls.append(call)
        token = _under_way.set(call)
        try:
            yield
        finally:
            _under_way.reset(token)
            self._calls.remove(call)

    async def elicit(self, context: ClientRequestContext, params: types.ElicitRequestParams) -> types.ElicitResult:
        """For the SDK: a request that the server sends, and one that comes as a result, are the same here."""
        call, surely = self._asking()
        if call is None:
            return types.ElicitResult(action="decline")
        ours = context.session.protocol_version in MODERN_PROTOCOL_VERSIONS
        reply = await self.asked(call, params, surely=surely, held=ours)
        return types.ElicitResult(action=reply.action, content=reply.content)

    async def asked(
        self, call: CallUnderWay, params: types.ElicitRequestParams, *, surely: bool = True, held: bool = False
    ) -> ElicitationReply:
        """Not ``surely``: it may be another call that asks, so that none is named.

        ``held``: the server has ended its part, so it is we who wait for what is done on its page.
        """
        message = shown(params.message, LONGEST_MESSAGE)
        whose = (call.server, call.connection_id, (call.title or call.tool) if surely else "", message)
        if isinstance(params, types.ElicitRequestFormParams):
            return await call.ask(ElicitationRequest(*whose, schema=params.requested_schema))
        number, hold = params.elicitation_id or "", Hold(PAGE_SECONDS)
        if number:
            self._pages[number] = _Page(call, hold)
            for old in list(islice(self._pages, max(0, len(self._pages) - MOST_PAGES))):
                del self._pages[old]
        return await call.ask(ElicitationRequest(*whose, url=params.url, number=number, hold=hold if held else None))

    async def completed(self, number: str) -> None:
        """A page is done with; any other server's number, or one made up, is nobody's."""
        page = self._pages.get(number)
        if page is None or page.hold.done.is_set():
            return
        page.hold.done.set()
        if page.call.asker is not None:
            await page.call.asker.completed(page.call.connection_id, number)

    def _asking(self) -> tuple[CallUnderWay | None, bool]:
        """The call in whose context it came; a program's one stream tells none, so there it may be any that is made.

        Where one of those is a guest's, nobody knows whose it is, and nobody is asked. The same holds where they are of
        several threads of channels; if one is made for the member alone, they are asked there.
        """
        if (call := _under_way.get()) is not None and call in self._calls:
            return call, True
        askers = {id(each.asker): each.asker for each in self._calls}
        if not askers or None in askers.values():
            return None, False
        # Of several turns, what one is about is not for the readers of another's thread.
        shown = [each for each in self._calls if len(askers) == 1 or (each.asker and each.asker.private)]
        return (shown[-1] if shown else None), len({each.tool for each in self._calls}) == 1
