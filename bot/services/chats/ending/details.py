"""What a turn did, for the member whose turn it was: each call with its arguments, its result and the time it took."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.agent.model import Model
from bot.errors import NotYours
from bot.services.chats.values import CALL_ENDED
from mcp_runtime.tools.tools import ToolCall
from storage.database import Database
from storage.members import Member
from storage.tables import Connection, Conversation, Event, Message

ONLY_THEIRS = "Only the member who asked can see what was done for it. Ask them."
GONE = "What was done there is not kept any more. Ask me again if you need it."


@dataclass(frozen=True)
class Made:
    """One call; ``state`` is done, failed, or empty where it did not run."""

    title: str
    state: str
    seconds: float
    ended: datetime | None = field(repr=False)
    arguments: dict[str, Any] = field(repr=False)
    result: Any = field(repr=False)


def took(calls: Sequence[Made]) -> float:
    """Seconds in which any of them ran: what ran side by side is not counted twice."""
    spans = sorted((each.ended - timedelta(seconds=each.seconds), each.ended) for each in calls if each.ended)
    whole, until = timedelta(), datetime.min.replace(tzinfo=UTC)
    for begun, ended in spans:
        whole += max(timedelta(), ended - max(begun, until))
        until = max(until, ended)
    return whole.total_seconds()


class Details:
    def __init__(self, db: Database, model: Model) -> None:
        self._db = db
        self._model = model

    async def of(self, member: Member, turn_id: str) -> list[Made]:
        """In the order in which they were made; raises `NotYours`, also for what is deleted."""
        async with self._db.read() as tables:
            turn = await tables.turns.get(member.workspace, turn_id)
            held = await tables.conversations.get(member.workspace, turn.conversation_id) if turn else None
            if turn is None or held is None:
                raise NotYours(GONE)
            if held.door != "slack" or held.member_id != member.id:
                raise NotYours(ONLY_THEIRS)
            messages = await tables.messages.with_the_one_before(member.workspace, held.id, turn_id)
            events = await tables.events.of_turn(member.workspace, turn_id)
        return list(_made(_steps(self._model, messages, turn_id), _finished(events)))

    async def troubled(self, conversation: Conversation, connections: Collection[str]) -> list[Connection]:
        """Of these, the member's that do not work now."""
        async with self._db.read() as tables:
            mine = await tables.connections.of(conversation.workspace_id, conversation.member_id)
        return [each for each in mine if each.id in connections and each.status != "connected"]


_Step = list[tuple[ToolCall, Any]]


def _steps(model: Model, messages: Sequence[Message], turn_id: str) -> Iterator[_Step]:
    """The calls of each step with their results; of one that a person had to decide they were asked by another turn."""
    asked: tuple[ToolCall, ...] = ()
    for each in messages:
        results = [response for _, response in model.given(each.content)]
        if asked and results and each.turn_id == turn_id:
            yield list(zip(asked, results, strict=False))
        asked = model.calls(each.content) or (() if results else asked)


def _finished(events: Sequence[Event]) -> list[dict[int, Event]]:
    """Of each step, by the call's position: the last that was told of it. A call's key is turn:step:position."""
    steps: dict[int, dict[int, Event]] = {}
    for event in events:
        if event.kind == "tool":
            _, step, position = str(event.body["call"]).rsplit(":", 2)
            steps.setdefault(int(step), {})[int(position)] = event
    return [steps[step] for step in sorted(steps)]


def _made(steps: Iterator[_Step], told: list[dict[int, Event]]) -> Iterator[Made]:
    for number, step in enumerate(steps):
        heard = told[number] if number < len(told) else {}
        for position, (call, result) in enumerate(step):
            event = heard.get(position)
            body = event.body if event else {}
            state = body.get("state", "") if body.get("state") in CALL_ENDED else ""
            yield Made(
                title=body.get("title") or call.name,
                state=state,
                seconds=body.get("seconds", 0.0),
                ended=event.at if event and state else None,
                arguments=call.arguments,
                result=_own_words(result),
            )


def _own_words(result: Any) -> Any:
    """Without what is written round it for the model."""
    told = result.get("output", result.get("error", result)) if isinstance(result, dict) else result
    if not (isinstance(told, dict) and {"source", "result"} <= told.keys()):
        return told
    kept = {name: value for name, value in told.items() if name != "source"}
    return kept if len(kept) > 1 else kept["result"]
