"""A request in rounds: the server ends each with what it wants to know, and is asked again with the answers.

The SDK's own loop asks people before it finds that something is refused, and takes a server that bids to wait for one
that asks on and on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from mcp import Client, InputRequiredRoundsExceededError, MCPError, types
from mcp.client import ClientRequestContext

MOST_ROUNDS = 10
"""With questions in them."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
"""Seconds before a server that only bids to wait is called again; the time limit of the call ends that."""

Given = TypeVar("Given")
Answers = types.InputResponses | None
Send = Callable[[Answers, str | None], Awaitable[Given | types.InputRequiredResult]]
NOT_GIVEN = ("Sampling not supported", "List roots not supported")
"""The SDK's words for a model and for folders of ours."""


def wants_what_none_is_given(error: MCPError) -> bool:
    return error.code == types.INVALID_REQUEST and error.message in NOT_GIVEN


async def in_rounds(client: Client, send: Send[Given]) -> Given:
    """Raises `InputRequiredRoundsExceededError`, and `MCPError` for what no server is given."""
    rounds, pause = 0, FIRST_PAUSE
    given = await send(None, None)
    while isinstance(given, types.InputRequiredResult):
        answers: Answers = None
        if given.input_requests:
            rounds, pause = rounds + 1, FIRST_PAUSE
            if rounds > MOST_ROUNDS:
                raise InputRequiredRoundsExceededError(MOST_ROUNDS)
            answers = await _answers(client, given.input_requests)
        else:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        given = await send(answers, given.request_state)
    return given


async def _answers(client: Client, requests: types.InputRequests) -> types.InputResponses:
    """People are asked all at once, and nothing where the rest is refused: their answers would be for nobody."""
    asked = {key: each for key, each in requests.items() if isinstance(each, types.ElicitRequest)}
    answers = {key: await _answer(client, key, each) for key, each in requests.items() if key not in asked}
    async with asyncio.TaskGroup() as together:
        answering = {key: together.create_task(_answer(client, key, each)) for key, each in asked.items()}
    return answers | {key: each.result() for key, each in answering.items()}


async def _answer(client: Client, key: str, request: types.InputRequest) -> types.InputResponse:
    meta = request.params.meta if request.params else None
    context = ClientRequestContext(session=client.session, request_id=key, meta=meta)
    answer = await client.session.dispatch_input_request(context, request)
    if isinstance(answer, types.ErrorData):
        raise MCPError.from_error_data(answer)
    return answer
