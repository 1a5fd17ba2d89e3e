"""Who is cut off ends so, also in the very moment in which what they wait for has come."""

import ast
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.slack.edge.token_check import check_app_token, check_bot_token
from tests.house.test_one_face import PRODUCT, ROOT

Ask = Callable[[Any], Awaitable[object]]


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
