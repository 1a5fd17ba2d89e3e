"""Memory is looked after: what was said becomes findable, what is to be forgotten goes."""

from collections.abc import Mapping

from bot.running.jobs import Recurring, Work
from bot.services.memory import Memory
from bot.services.memory.forgetting import FORGET_JOB, TIDY_JOB
from storage.tables import Job

RECURRING = (Recurring("remember", 10),)


def handlers(memory: Memory) -> Mapping[str, Work]:
    async def remember(_: Job) -> None:
        await memory.remembering.work()

    return {
        "remember": remember,
        FORGET_JOB: memory.forgetting.at_last,
        TIDY_JOB: memory.forgetting.tidy,
    }
