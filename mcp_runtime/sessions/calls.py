"""One call of a tool, in words for the model whatever becomes of it."""

import logging
from dataclasses import replace
from typing import Any

from mcp import InputRequiredRoundsExceededError, MCPError
from pydantic import ValidationError

from mcp_runtime.errors import AccessForbidden, NoAnswer, ServerError, SessionLost, TokenRefused, ToolFailed
from mcp_runtime.sessions.calls_under_way import CallUnderWay
from mcp_runtime.sessions.pooled_session import PooledSession, ToolChanged
from mcp_runtime.tools.asking.elicitation import Asker
from mcp_runtime.tools.asking.rounds import wants_what_none_is_given
from mcp_runtime.tools.results import told_to_model
from mcp_runtime.tools.tools import ToolResult
from mcp_runtime.tools.untrusted_text import one_line
from mcp_runtime.transports.mending.results import notes_of
from storage.tables import PinnedTool

log = logging.getLogger(__name__)

PERHAPS = "What was asked may still have happened: look before you try again."
NOT_MADE = "{} could not be used: {}. The call was not made."
LOST = "The session with {} was lost: {}. " + PERHAPS
UNCLEAR = "{} gave no clear answer: {}. " + PERHAPS
CHANGED = "{} has changed this tool since it was accepted, so it is set aside until its owner has seen the change."
NO_ANSWER = "{} did not answer within {:.0f} s. " + PERHAPS
TOKEN = "{} refused the token. The call was not made. Its owner has to sign in to it again."  # noqa: S105  a sentence
REFUSED = "{} refused the call, and says: {}"
ASKS_ON = "{} asked for something again and again, so the call was broken off. " + PERHAPS
"""The SDK's own words for what no server is given, where it comes as the result of a call."""
WANTED = "{} wanted a model or folders of Usher's, which no server is given, so the call was broken off. Do without it."
MISFIT = "{} answered in a form that its own definition forbids. The call has happened; do not repeat it."
BROKEN = "{} could not be called, for a reason that is in the log. " + PERHAPS


async def made(
    held: PooledSession, row: PinnedTool, arguments: dict[str, Any], seconds: float, asker: Asker | None = None
) -> ToolResult:
    """Call it; the result, or why there is none. ``asker`` reaches whom the server may ask something meanwhile."""
    server = held.connection.title
    under_way = CallUnderWay(server, held.connection.id, row.name, asker, title=row.title or "")
    given = await _given(held, row, arguments, seconds, under_way)
    return replace(given, error=" ".join([given.error, *under_way.remarks])) if given.failed else given


async def _given(
    held: PooledSession, row: PinnedTool, arguments: dict[str, Any], seconds: float, under_way: CallUnderWay
) -> ToolResult:
    server = held.connection.title
    try:
        result = await held.call(row, arguments, seconds, under_way)
        return await told_to_model(server, result, row.definition, [*notes_of(result), *under_way.remarks])
    except ServerError as error:
        return _failed(server, error, seconds)
    except ToolChanged:
        return ToolResult(error=CHANGED.format(server))
    except MCPError as error:
        if wants_what_none_is_given(error):
            return ToolResult(error=WANTED.format(server))
        return ToolResult(error=REFUSED.format(server, one_line(error.message, 500)))
    except InputRequiredRoundsExceededError:
        return ToolResult(error=ASKS_ON.format(server))
    except (ValidationError, RuntimeError):
        return ToolResult(error=MISFIT.format(server))
    except Exception:
        log.exception("a tool of connection %s could not be called", held.connection.id)
        return ToolResult(error=BROKEN.format(server))


def _failed(server: str, error: ServerError, seconds: float) -> ToolResult:
    if isinstance(error, NoAnswer):
        return ToolResult(error=NO_ANSWER.format(server, seconds), timed_out=True)
    if isinstance(error, ToolFailed):
        told = LOST if isinstance(error, SessionLost) else UNCLEAR
        return ToolResult(error=told.format(server, error.reason))
    if isinstance(error, TokenRefused) and not isinstance(error, AccessForbidden):
        return ToolResult(error=TOKEN.format(server))
    return ToolResult(error=f"{NOT_MADE.format(server, error.reason)} {error.cure}")
