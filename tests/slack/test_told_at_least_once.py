"""Whatever a job tells in Slack is told although its process was killed in the middle of it, and stands there once.

Killed right before Slack has the message, and right after: in both cases nothing that it would have done next is done.
Each kind of job that there is stands in one of the two tables.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.running.jobs import Jobs
from bot.services import admin_notes
from bot.services.approvals.approvals import REMINDER as ENDS_SOON
from bot.services.approvals.elicitations import ASKED
from bot.services.chats import Place
from bot.services.connections.entering.sign_in_notes import SIGN_IN_NOTE, follow_note
from bot.services.limits import policies
from bot.services.limits.budgets.telling import NOTE as BUDGET
from bot.services.limits.outside.people import ASKED as OUTSIDE
from bot.services.limits.outside.rules import OVER as OUTSIDE_OVER
from bot.services.links import Draft, Guest, host_notes
from bot.services.links.erasing.erasing import COPIES
from bot.services.links.hosting import mirroring
from bot.services.links.hosting.channels import MOVED
from bot.services.links.hosting.counting import JOB as COUNTED
from bot.services.links.results.filing import JOB as ANSWERS
from bot.services.reminders import REMINDER
from bot.slack.acts.admins import Admins
from bot.slack.acts.connections import sign_in_notes
from bot.slack.acts.guests import counted, guest_threads, started
from bot.slack.acts.notices import Notices
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.screens.talking.from_outside import REFUSED_NOW
from storage.rules.outside import Kind, State
from storage.schema import new_id, now
from storage.tables import Approval, Connection, Elicitation, Job, OutsidePerson, Reminder, Session
from tests.slack.test_guest_threads import arrived
from tests.support.ending import ended
from tests.support.slack import DM, OWNER, PATIENCE, TEAM, Usher, said

CHANGES_WHAT_IS_THERE = {
    "approval_closed", "approval_expired", "elicitation_closed", "home_changed", "connection_changed",
}  # fmt: skip
"""Done twice, it is as if it had been done once: they put up nothing, or what `sign_in_note` does."""
Made = Callable[[Usher], Awaitable[str]]
"""Makes the job as the product does; the words by which what it tells is known."""


class Idle(Jobs):
    """Nobody takes jobs but the test."""

    async def run(self) -> None:
        await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.slack.Jobs", Idle)
    monkeypatch.setattr(guest_threads, "APART", 0.0)
    monkeypatch.setattr(counted, "APART", 0.0)
    for where in (mirroring, started, sign_in_notes):  # who was killed holds it no more
        monkeypatch.setattr(where, "HELD", timedelta(0))


async def add(usher: Usher, kind: str, **payload: Any) -> None:
    async with usher.services.db.begin() as tables:
        whole = {"workspace": TEAM, "member": OWNER, **payload}
        await tables.jobs.add(kind, f"{kind}:{new_id()}", whole, now(), workspace=TEAM)


async def guest_of(usher: Usher, name: str, **draft: Any) -> Guest:
    made = await usher.services.links.create(usher.member, Draft(name, **{"max_sessions": 9, **draft}))
    return await arrived(usher, "Visitor", made.url)


async def guest_started(usher: Usher) -> str:
    await guest_of(usher, title := f"Started {new_id()}")
    return title


async def host_note(usher: Usher) -> str:
    guest = await guest_of(usher, title := f"Silent {new_id()}")
    async with usher.services.db.begin() as tables:
        await host_notes.tell_of_silence(tables, guest.link)
    return title


async def guest_ended(usher: Usher) -> str:
    guest = await guest_of(usher, title := f"Ended {new_id()}")
    await usher.services.links.end(guest)
    return f"{title}* has ended"


async def connect_outcome(usher: Usher) -> str:
    title = f"Notes {new_id()}"
    counts = {"tools": 2, "reading": 1, "free": 1}
    await add(usher, "connect_outcome", ok=True, sentence=f"{title} is connected", view={}, **counts)
    return title


async def admin_note(usher: Usher) -> str:
    words = f"concern {new_id()}"
    async with usher.services.db.begin() as tables:
        await admin_notes.tell_admins(tables, TEAM, new_id(), words)
    return words


async def policy(usher: Usher) -> str:
    words = f"allowed {new_id()}"
    async with usher.services.db.begin() as tables:
        await policies.tell_member(tables, usher.member, words, new_id())
    return words


async def budget(usher: Usher) -> str:
    words = f"little is left {new_id()}"
    await add(usher, BUDGET, text=words)
    return words


async def ends_soon(usher: Usher) -> str:
    """A question of a guest's turn that stands in their thread."""
    there = await usher.client.chat_postMessage(channel=DM, text="A question")
    approval = await question(usher, message={"channel": DM, "ts": there["ts"]})
    await add(usher, ENDS_SOON, approval_id=approval.id)
    return approval.calls[0]["title"]


async def moved(usher: Usher) -> str:
    guest = await guest_of(usher, f"Moved {new_id()}")
    approval = await question(usher, conversation_id=guest.conversation_id)
    await add(usher, MOVED, link_id=guest.link.id, session_id=guest.session.id)
    return approval.calls[0]["title"]


async def question(usher: Usher, **more: Any) -> Approval:
    if "conversation_id" not in more:
        more["conversation_id"] = (await guest_of(usher, "Asks")).conversation_id
    call = {"name": "x__build", "title": f"Build {new_id()}", "arguments": {}, "guarded": True, "position": 0}
    call |= {"tool": "build", "connection_id": new_id(), "server": "Shop"}
    row = Approval(
        id=new_id(), workspace_id=TEAM, turn_id=new_id(), member_id=OWNER, calls=[call], pause={}, digest="",
        expires_at=now() + timedelta(hours=1), **more,
    )  # fmt: skip
    async with usher.services.db.begin() as tables:
        return await tables.approvals.add(row)


async def elicitation(usher: Usher) -> str:
    row = Elicitation(
        id=new_id(), workspace_id=TEAM, conversation_id=None, turn_id=None, attempt=0, member_id=OWNER,
        connection_id=new_id(), server="Shop", tool="build", text=f"Which colour {new_id()}?",
        expires_at=now() + timedelta(minutes=5),
    )  # fmt: skip
    async with usher.services.db.begin() as tables:
        await tables.elicitations.add(row)
    await add(usher, ASKED, id=row.id)
    return row.text


async def sign_in(usher: Usher) -> str:
    title = f"Shop {new_id()}"
    row = Connection(
        workspace_id=TEAM, member_id=OWNER, card="custom", title=title, slug=new_id(), spec={}, status="sign_in"
    )
    async with usher.services.db.begin() as tables:
        await follow_note(tables, await tables.connections.add(row))
    return title


async def mirrored(usher: Usher) -> str:
    guest, words = await guest_of(usher, "Mirrored"), f"Hello {new_id()}"
    await guest_threads.GuestThreads(usher.client, usher.services).opened(guest)
    async with usher.services.db.begin() as tables:
        told = {"author": "guest", "name": "Visitor", "text": words}
        await tables.events.add(TEAM, guest.conversation_id, None, "message", told)
        await mirroring.due(tables, guest.link, guest.session)
    return words


async def file_put(usher: Usher) -> str:
    guest = await guest_of(usher, "Files", files=3)
    name = f"{new_id()}.txt"
    file = await usher.services.links.uploads.take(guest, name, b"words", str)
    usher.gemini.will_say("Thank you.")
    await usher.services.chats.say_as_guest(guest, "here", "client-1", files=[file.id])
    async with usher.services.db.begin() as tables:
        await tables.sessions.mirrored(TEAM, guest.session.id, 0, 99)
    return name


async def count(usher: Usher) -> str:
    guest = await guest_of(usher, title := f"Counted {new_id()}")
    await add(usher, COUNTED, link_id=guest.link.id)
    return title


async def erased(usher: Usher) -> str:
    guest = await guest_of(usher, title := f"Erased {new_id()}")
    async with usher.services.db.begin() as tables:  # its beginning stands where nobody can reach it
        lost = {"former_channel": "C0NOWHERE", "former_ts": "1.0", "erase_asked_by": "host"}
        await tables.session.execute(sa.update(Session).where(Session.id == guest.session.id).values(lost))
    await add(usher, COPIES, link_id=guest.link.id, session_id=guest.session.id)
    return title


async def answers(usher: Usher) -> str:
    guest, words = await guest_of(usher, "Survey", covers=("Which colour?",)), f"blue {new_id()}"
    async with usher.services.db.begin() as tables:
        await tables.results.hold(guest.session, now())
        await tables.results.keep(TEAM, guest.session.id, answers={"1": words})
    await add(usher, ANSWERS, link_id=guest.link.id, session_id=guest.session.id)
    return words


async def reminder(usher: Usher) -> str:
    words = f"water the plants {new_id()}"
    row = Reminder(
        workspace_id=TEAM, member_id=OWNER, text=words, place=Place(DM, "", TEAM, private=False).stored(), due_at=now()
    )
    async with usher.services.db.begin() as tables:
        await tables.reminders.add(row)
    await add(usher, REMINDER, reminder=row.id)
    return words


async def outside(usher: Usher) -> str:
    """Somebody asks the administrators about them."""
    person = f"U0{new_id()[-12:].upper()}"
    await asked_for(usher, person, State.ASKED)
    await add(usher, OUTSIDE, member=person)
    return person


async def outside_over(usher: Usher) -> str:
    """Nobody let them in, and they are told so where they had asked."""
    person = f"U0{new_id()[-12:].upper()}"
    await asked_for(usher, person, State.REFUSED)
    await add(usher, OUTSIDE_OVER, member=person)
    return REFUSED_NOW


async def asked_for(usher: Usher, person: str, state: State) -> None:
    there = await usher.client.chat_postMessage(channel=DM, text="A message of theirs")
    question = {"channel": DM, "thread_ts": there["ts"], "ts": there["ts"], "team": TEAM, "own": ""}
    row = OutsidePerson(
        workspace_id=TEAM, member_id=person, kind=Kind.GUESTS, state=state, question=question,
        asked_at=now(), expires_at=now() + timedelta(days=1),
    )  # fmt: skip
    async with usher.services.db.begin() as tables:
        await tables.workspaces.ensure(TEAM)
        tables.session.add(row)


TELLS: dict[str, Made] = {
    OUTSIDE: outside,
    OUTSIDE_OVER: outside_over,
    "guest_started": guest_started,
    "host_note": host_note,
    "guest_ended": guest_ended,
    "connect_outcome": connect_outcome,
    "admin_note": admin_note,
    policies.TOLD: policy,
    BUDGET: budget,
    ENDS_SOON: ends_soon,
    MOVED: moved,
    ASKED: elicitation,
    SIGN_IN_NOTE: sign_in,
    mirroring.JOB: mirrored,
    mirroring.FILES_JOB: file_put,
    COUNTED: count,
    COPIES: erased,
    ANSWERS: answers,
    REMINDER: reminder,
}


def handlers(usher: Usher) -> Any:
    """Of a process that has just begun."""
    counted._PUTTING_UP, guest_threads._OPENING = KeyedLocks(), KeyedLocks()
    return Notices(usher.client, usher.services, Admins(usher.client)).handlers()


async def taken(usher: Usher, kind: str) -> Job:
    """The newest of this kind, gone from the table."""
    async with usher.services.db.begin() as tables:
        job = (await tables.jobs.all(kind=kind))[-1]
        await tables.session.execute(sa.delete(Job).where(Job.every.is_(None)))
    return job


def stand(usher: Usher, words: str) -> int:
    """How many messages of ours say this."""
    there = [each for each in usher.slack.messages(DM) if each["by_app"]]
    return sum(words in said(each) + str(each.get("files")) for each in there)


async def killed(usher: Usher, kind: str, job: Job, words: str, *, after: bool) -> asyncio.Task[None]:
    """In the call that tells it; what it would do next it never does."""
    reached, client = asyncio.Event(), usher.client

    def dying(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def made(**message: Any) -> Any:
            if words in str(message):
                if after:
                    await call(**message)
                reached.set()
                await asyncio.Event().wait()
            return await call(**message)

        return made

    with pytest.MonkeyPatch.context() as patch:
        for name in ("chat_postMessage", "files_upload_v2"):
            patch.setattr(client, name, dying(getattr(client, name)))
        dead = asyncio.create_task(handlers(usher)[kind](job))
        stopped = asyncio.create_task(reached.wait())
        await asyncio.wait({dead, stopped}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        assert reached.is_set(), (kind, dead)
    return dead


def test_each_kind_of_job_stands_in_one_of_the_tables(usher: Usher) -> None:
    assert set(handlers(usher)) == TELLS.keys() | CHANGES_WHAT_IS_THERE


@pytest.mark.parametrize("after", [False, True])
async def test_what_was_to_be_told_when_its_process_was_killed_is_told_once(usher: Usher, after: bool) -> None:
    dead = []
    for kind, make in TELLS.items():
        words = await make(usher)
        job = await taken(usher, kind)
        job.attempts = 1
        dead.append(await killed(usher, kind, job, words, after=after))
        assert stand(usher, words) == after, kind
        job.attempts = 2
        await handlers(usher)[kind](job)
        assert stand(usher, words) == 1, kind
    await ended(*dead)
