"""For which workspace Slack is asked: told once where work begins, and so for all that it leads to.

What comes from Slack says it (`installations.arriving`); jobs, turns and pages do by these. Where nobody has said it,
a client of many workspaces asks Slack nothing.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from storage.tables import Job

_WORKSPACE: ContextVar[str] = ContextVar("workspace", default="")
Work = Callable[[Job], Awaitable[None]]


def current() -> str:
    """Empty where nobody has said it."""
    return _WORKSPACE.get()


def act_for(workspace: str) -> None:
    """For the rest of this task, and those that it begins."""
    _WORKSPACE.set(workspace)


@contextmanager
def acting_for(workspace: str) -> Iterator[None]:
    before = _WORKSPACE.set(workspace)
    try:
        yield
    finally:
        _WORKSPACE.reset(before)


def job_of_its_workspace(work: Work) -> Work:
    async def done(job: Job) -> None:
        with acting_for(job.workspace_id or str(job.payload.get("workspace", ""))):
            await work(job)

    return done
