"""Who is cut off ends so, also in the very moment in which what they wait for has come."""

import ast
import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.slack.acts.connections import testing
from bot.slack.edge.token_check import check_app_token, check_bot_token
from bot.slack.listeners.connections import trial_window
from tests.house.test_one_face import PRODUCT, ROOT

Ask = Callable[[Any], Awaitable[object]]
SOON = 30.0


class Slack:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def _asked(self, **_: object) -> Any:
        return await self.answer

    auth_test = apps_connections_open = of = _asked


class Answer(dict[str, str]):
    @property
    def headers(self) -> dict[str, str]:
        return {}


def _bot(slack: Any) -> Awaitable[object]:
    return check_bot_token(slack)


def _app(slack: Any) -> Awaitable[object]:
    return check_app_token(slack, "xapp")


@pytest.mark.parametrize("ask", [_bot, _app])
async def test_an_answer_in_that_moment_makes_nobody_go_on(ask: Ask) -> None:
    """Or a start that is broken off would go on to its end, and a stop wait for it."""
    slack = Slack()
    task = asyncio.ensure_future(ask(slack))
    for _ in range(5):
        await asyncio.sleep(0)
    slack.answer.set_result(Answer(team_id="T1", user_id="U1", url="wss://x"))
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0)
    await asyncio.wait({task})
    assert task.cancelled()


async def test_tests_that_nobody_waits_for_any_more_end_as_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async def tested(*_: object) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(SOON)
        await asyncio.sleep(SOON)

    monkeypatch.setattr(testing, "tested", tested)
    monkeypatch.setattr(testing, "AT_ONCE", 0.01)
    told: Any = testing.told_by_and_by(*([SimpleNamespace(id="c")] for _ in range(3)))  # type: ignore[arg-type]
    await anext(told)
    leaving = asyncio.ensure_future(told.aclose())
    for _ in range(3):
        await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait({leaving}, timeout=SOON)
    assert leaving.cancelled()
    for each in asyncio.all_tasks() - {asyncio.current_task()}:
        each.cancel()


async def test_a_window_that_is_followed_no_more_leaves_nobody_waiting_for_its_news(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def answer(*_: object) -> None:
        """It is shown."""

    monkeypatch.setattr(trial_window, "GRACE", 0)
    monkeypatch.setattr(trial_window.screens, "running", lambda *_: None)
    window = trial_window.TrialWindow(SimpleNamespace(), SimpleNamespace(), on_top=False)  # type: ignore[arg-type]
    monkeypatch.setattr(window, "_answer", answer)
    before, call = asyncio.all_tasks(), asyncio.create_task(asyncio.sleep(SOON))
    following = asyncio.create_task(window.follow(call))
    while len(asyncio.all_tasks()) < len(before) + 3:
        await asyncio.sleep(0)
    for each in (following, call):
        each.cancel()
        await asyncio.wait({each})
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


def test_nobody_waits_in_a_way_that_takes_an_answer_for_leave_to_go_on() -> None:
    """`asyncio.wait_for` does so up to Python 3.11: `asyncio.timeout` does not."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for name in PRODUCT
        for path in ([ROOT / name] if name.endswith(".py") else Path(ROOT / name).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == "wait_for"
        and isinstance(node.value, ast.Name)
        and node.value.id == "asyncio"
    ]
    assert found == []
