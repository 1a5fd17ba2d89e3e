"""How many calls Slack takes in a minute, kept by all streams together."""

import asyncio

import pytest

from bot.slack.edge.calls import budget as call_budget
from bot.slack.edge.calls.budget import A_MINUTE, APPEND, START, STOP, WINDOW, CallBudget
from tests.support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000.0)


@pytest.fixture
def budget(clock: Clock) -> CallBudget:
    return CallBudget(clock)


def test_no_minute_has_more_calls_than_slack_takes(budget: CallBudget, clock: Clock) -> None:
    taken: list[float] = []
    for _ in range(1_000):
        if budget.take(START):
            taken.append(clock.now)
        clock.now += 0.37
    busiest = max(sum(1 for other in taken if one <= other < one + WINDOW) for one in taken)
    assert busiest == A_MINUTE[START] and len(taken) >= 120


def test_room_comes_back_as_calls_grow_old(budget: CallBudget, clock: Clock) -> None:
    for _ in range(A_MINUTE[START]):
        assert budget.take(START)
    assert not budget.take(START) and budget.rest(START) == WINDOW
    clock.now += WINDOW
    assert budget.take(START)


def test_one_method_leaves_room_for_another(budget: CallBudget) -> None:
    while budget.take(START):
        pass
    assert budget.take(STOP) and budget.rest("chat.postMessage") == 0


def test_all_rest_for_as_long_as_slack_said(budget: CallBudget, clock: Clock) -> None:
    budget.limited(APPEND, 7.0)
    budget.limited(APPEND, 3.0)
    assert budget.rest(APPEND) == 7.0 and not budget.take(APPEND)
    clock.now += 7.0
    assert budget.take(APPEND)


@pytest.mark.parametrize("streams", [1, 2, 20, 60])
def test_pieces_of_all_answers_together_stay_within_the_limit(budget: CallBudget, streams: int) -> None:
    running = [budget.streaming() for _ in range(streams)]
    for each in running:
        each.__enter__()
    assert streams * WINDOW / budget.between_pieces <= A_MINUTE[APPEND]
    for each in running:
        each.__exit__(None, None, None)
    assert budget.between_pieces < 1.0


async def test_those_who_wait_go_in_the_order_in_which_they_came(
    budget: CallBudget, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def sleep(seconds: float) -> None:
        clock.now += seconds
        await yielding(0)

    yielding = asyncio.sleep
    monkeypatch.setattr(call_budget.asyncio, "sleep", sleep)
    gone: list[int] = []

    async def one(number: int) -> None:
        await budget.turn(STOP)
        gone.append(number)

    await asyncio.gather(*(one(number) for number in range(45)))
    assert gone == list(range(45)) and clock.now == 1_000.0 + 2 * WINDOW
