"""What Calendar asks in the middle of a call: when an event shall begin whose time is taken."""

from datetime import date, datetime, timedelta

from mcp.server.mcpserver import AcceptedElicitation, Elicit, ElicitationResult
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field, create_model

from playground.calendar import diary
from playground.calendar.kept import Kept

STEP = timedelta(minutes=30)


class Start(BaseModel):
    time: str


def start_of(kept: Kept, account: str, title: str, day: date, time: str, minutes: int) -> Start | Elicit[Start]:
    """When it begins, or the question, which names the next free time of that day. Raises `ToolError`."""
    begins = diary.clock(time)
    taken = diary.during(kept, account, day, begins, minutes)
    if not taken:
        return Start(time=begins)
    there = ", ".join(f"“{each['title']}” (from {each['time']} on, {each['minutes']} minutes)" for each in taken)
    question = f"That time is taken by {there}. When shall “{title.strip()[:60]}” begin?"
    return Elicit(question, _form(_next_free(kept, account, day, begins, minutes)))


def answered(answer: ElicitationResult[Start]) -> str:
    """When it begins; raises `ToolError` where nobody said."""
    if isinstance(answer, AcceptedElicitation):
        return answer.data.time
    raise ToolError("Nothing was added: that time is taken, and no other was chosen.")


def _form(free: str) -> type[Start]:
    time = Field(free, title="Begin at", description="Such as 14:30. A time that is taken holds both.")
    return create_model("Start", __base__=Start, time=(str, time))


def _next_free(kept: Kept, account: str, day: date, begins: str, minutes: int) -> str:
    """``begins`` where there is none."""
    at = datetime.combine(day, datetime.strptime(begins, "%H:%M").time())
    while (at := at + STEP).date() == day:
        if not diary.during(kept, account, day, f"{at:%H:%M}", minutes):
            return f"{at:%H:%M}"
    return begins
