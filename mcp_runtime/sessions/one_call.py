"""One call on an open session: its time, what it tells while it runs, and what it asks in between."""

from typing import Any

from mcp import MCPError, types
from pydantic import ValidationError

from mcp_runtime.errors import NoAnswer, TooSlow
from mcp_runtime.sessions.calls_under_way import CallUnderWay
from mcp_runtime.sessions.session import Session
from mcp_runtime.tools.asking.rounds import Answers, in_rounds
from mcp_runtime.tools.clocks import time_limit
from mcp_runtime.tools.progress import Progress, listener

LAST_RESORT = 7200.0
"""Seconds of the SDK's own clock, which does not rest while a person is asked."""
MOST_PAGES = 3


async def answered(
    session: Session, call: CallUnderWay, arguments: dict[str, Any], seconds: float
) -> types.CallToolResult:
    """Raises `NoAnswer` when its time is up, which rests while a person is asked, and else what the SDK raises."""
    try:
        async with time_limit(seconds):
            with session.calls.begun(call):
                try:
                    return await _made(session, call, arguments)
                except MCPError as error:
                    if not await _pages_opened(session, call, error):
                        raise
                return await _made(session, call, arguments)
    except TimeoutError:
        raise NoAnswer(call.server, TooSlow.reason) from None


async def _made(session: Session, call: CallUnderWay, arguments: dict[str, Any]) -> types.CallToolResult:
    hear = listener()

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        if hear is not None:
            hear(Progress(progress, total, message or ""))

    client, telling = session.client, heard if hear is not None else None

    async def sent(answers: Answers, state: str | None) -> types.CallToolResult | types.InputRequiredResult:
        return await client.session.call_tool(
            call.tool,
            arguments,
            read_timeout_seconds=LAST_RESORT,
            progress_callback=telling,
            input_responses=answers,
            request_state=state,
            allow_input_required=True,
        )

    return await in_rounds(client, sent)


async def _pages_opened(session: Session, call: CallUnderWay, error: MCPError) -> bool:
    """The server has refused the call until something is done on its pages; True when all were opened."""
    if error.code != types.URL_ELICITATION_REQUIRED or call.asker is None:
        return False
    try:
        pages = types.ElicitationRequiredErrorData.model_validate(error.error.data).elicitations
    except ValidationError:
        return False
    for page in pages[:MOST_PAGES]:
        if (await session.calls.asked(call, page, held=True)).action != "accept":
            return False
    return 0 < len(pages) <= MOST_PAGES
