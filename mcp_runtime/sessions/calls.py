"""One call of a tool, in words for the model whatever becomes of it."""

import logging
from typing import Any

from mcp import MCPError, types
from pydantic import ValidationError

from mcp_runtime.errors import ServerError, ToolFailed
from mcp_runtime.sessions.pooled_session import PooledSession, ToolChanged
from mcp_runtime.tools.results import for_model
from mcp_runtime.tools.tools import ToolResult
from mcp_runtime.tools.untrusted_text import one_line
from mcp_runtime.transports.diagnosis import REFUSING
from mcp_runtime.transports.mending.results import notes_of
from storage.tables import PinnedTool

log = logging.getLogger(__name__)

PERHAPS = "What was asked may still have happened: look before you try again."
NOT_MADE = "{} could not be used: {}. The call was not made."
LOST = "The session with {} was lost: {}. " + PERHAPS
CHANGED = "{} has changed this tool since it was accepted, so it is set aside until its owner has seen the change."
NO_ANSWER = "{} did not answer within {:.0f} s. " + PERHAPS
TOKEN = "{} refused the token. Its owner has to connect it again."  # noqa: S105
REFUSED = "{} refused the call, and says: {}"
MISFIT = "{} answered in a form that its own definition forbids. The call has happened; do not repeat it."
BROKEN = "{} could not be called, for a reason that is in the log. " + PERHAPS


async def made(held: PooledSession, row: PinnedTool, arguments: dict[str, Any], seconds: float) -> ToolResult:
    """Call it; the result, or why there is none."""
    server = held.connection.title
    try:
        result = await held.call(row, arguments, seconds)
        return for_model(server, result, row.definition, notes_of(result))
    except ToolFailed as error:
        return ToolResult(error=LOST.format(server, error.reason))
    except ServerError as error:
        return ToolResult(error=NOT_MADE.format(server, error.reason))
    except ToolChanged:
        return ToolResult(error=CHANGED.format(server))
    except MCPError as error:
        return _refused(held, error, seconds)
    except (ValidationError, RuntimeError):
        return ToolResult(error=MISFIT.format(server))
    except Exception:
        log.exception("a tool of connection %s could not be called", held.connection.id)
        return ToolResult(error=BROKEN.format(server))


def _refused(held: PooledSession, error: MCPError, seconds: float) -> ToolResult:
    server = held.connection.title
    if error.code == types.REQUEST_TIMEOUT:
        return ToolResult(error=NO_ANSWER.format(server, seconds), timed_out=True)
    statuses = held.live.diagnosis.statuses
    if statuses and statuses[-1] in REFUSING:
        return ToolResult(error=TOKEN.format(server))
    return ToolResult(error=REFUSED.format(server, one_line(error.message, 500)))
