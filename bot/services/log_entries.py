"""From what the agent tells to what is stored in a conversation's log; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.agent.events import ModelReplaced, Retrying, ToolFinished, ToolProgressed, ToolsLeftOut, ToolStarted
from storage.tables import Agent

SET_ASIDE = "tools_set_aside"
WAITING = {"slack": "Waiting for your decision.", "link": "Waiting for the host to approve."}


@dataclass(frozen=True)
class Entry:
    """An event before it has its number in the log."""

    kind: str
    body: dict[str, Any] = field(default_factory=dict)


def message(
    author: str,
    name: str,
    text: str,
    turn: str | None,
    *,
    to_host: bool = False,
    files: Sequence[Mapping[str, Any]] = (),
) -> Entry:
    """``author`` is member, guest, agent or host; ``to_host``: a guest's words to a person, not to the agent."""
    said = {"author": author, "name": name, "text": text, "turn": turn}
    sent = {"files": [dict(each) for each in files]} if files else {}
    return Entry("message", {**said, **({"to_host": True} if to_host else {}), **sent})


def host(state: str, name: str, text: str) -> Entry:
    """Who answers a guest from now on: ``state`` is host, agent, asked (a person may come) or unanswered."""
    return Entry("host", {"state": state, "name": name, "text": text})


def changed(turn: str, name: str, text: str, how: str) -> Entry:
    """A host's words to a guest read otherwise from now on: ``how`` is edited, or taken_back and then without text."""
    return Entry("changed", {"turn": turn, "name": name, "text": text, "changed": how})


def whisper(name: str, text: str, source: str) -> Entry:
    """The host's words to the agent alone."""
    return Entry("whisper", {"name": name, "text": text, "source": source})


def rating(turn: str, name: str, verdict: str, about: str) -> Entry:
    """``verdict`` is up, down, or empty when a former one was taken back; ``about`` is how the answer begins."""
    return Entry("rating", {"turn": turn, "name": name, "verdict": verdict, "about": about})


def cut_off(name: str, text: str, turn: str) -> Entry:
    """What was shown of an answer that was never finished."""
    said = message("agent", name, text, turn)
    return Entry(said.kind, said.body | {"partial": True})


def status(
    state: str, text: str = "", *, code: str = "", values: Mapping[str, Any] | None = None, anew: bool = False
) -> Entry:
    """``text`` is for Slack; guests read what stands in their catalogue under ``status.<code>``, with its ``values``.

    ``anew``: it may be asked again without what was said before.
    """
    told = {"code": code, "values": dict(values or {})} if code else {}
    return Entry("status", {"state": state, "text": text, **told, **({"anew": True} if anew else {})})


CONNECTION = "connection"
"""In the body of a member's call that has started: the id of the connection that it is made with."""


def tool_started(
    event: ToolStarted, call: str, connection: str | None = None, about: Mapping[str, Any] | None = None
) -> Entry:
    """``connection`` is a member's own, with which the call is made; ``about`` tells it from others of its tool."""
    entry = _tool(event, call, "started", "", 0.0)
    beside = {CONNECTION: connection, "about": about}
    return Entry(entry.kind, entry.body | {name: value for name, value in beside.items() if value})


def tool_progressed(event: ToolProgressed, call: str) -> Entry:
    """Started, told again: who shows only that it runs need not know that it is further on."""
    return _tool(event, call, "started", event.words, 0.0)


def tool_finished(event: ToolFinished, call: str, refused: Mapping[str, Any] | None = None) -> Entry:
    """``refused``: which of our policies did not let it through, and for which tool."""
    told = _tool(event, call, "failed" if event.failed else "done", event.summary, event.seconds)
    sources = [{"name": name, "url": url} for name, url in event.sources]
    beside = {"sources": sources} if sources else {}
    return Entry(told.kind, {**told.body, **beside, **(refused or {})})


def _tool(
    event: ToolStarted | ToolProgressed | ToolFinished, call: str, state: str, summary: str, seconds: float
) -> Entry:
    told = {"title": event.title, "server": event.server, "state": state}
    return Entry("tool", {"call": call, **told, "summary": summary, "seconds": round(seconds, 3)})


def tools_declined(step: str, calls: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """All of a question that was answered with no."""
    return [tool_declined(f"{step}:{call['position']}", call["title"], call["server"]) for call in calls]


def tool_declined(call: str, title: str, server: str) -> Entry:
    told = {"title": title, "server": server, "state": "declined"}
    return Entry("tool", {"call": call, **told, "summary": "", "seconds": 0.0})


def retrying(event: Retrying) -> Entry:
    """A status, so that the next one takes it away: it is no part of the answer."""
    seconds = max(1, round(event.seconds))
    text = f"{event.reason} Trying again in {seconds} s."
    return status("working", text, code="retrying", values={"seconds": seconds})


def model_replaced(event: ModelReplaced) -> Entry:
    return notice("model_replaced", f"The model {event.old} is gone; {event.new} answers instead.")


def tools_left_out(event: ToolsLeftOut, titles: Sequence[str]) -> Entry:
    """``titles`` is what people call them; their names are kept, so that none is told twice."""
    since = f", since {event.why}" if event.why else ""
    told = notice(SET_ASIDE, f"The model could not take these tools, so they are left out{since}: {listed(titles)}.")
    return Entry(told.kind, told.body | {"tools": list(event.names)})


def notice(code: str, text: str) -> Entry:
    return Entry("notice", {"code": code, "text": text})


def answers(agent: Agent) -> Entry:
    """Who does, where it is another than usual."""
    return notice("agent", f"{agent.picture} {agent.name}".strip())


def approval(number: str, state: str, by: str | None, calls: Sequence[dict[str, Any]]) -> Entry:
    shown = [{name: call.get(name) for name in ("title", "server", "tool", "arguments")} for call in calls]
    return Entry("approval", {"id": number, "state": state, "by": by, "calls": shown})


def expires(seconds: float) -> Entry:
    """How long the chat has from now on: its link was given more time."""
    return Entry("expires", {"seconds": round(seconds)})


def end(reason: str, text: str) -> Entry:
    return Entry("end", {"reason": reason, "text": text})


def interrupted(doing: Sequence[str]) -> Entry:
    """A process died, perhaps while something was being changed."""
    if not doing:
        told = "I was interrupted before I could finish. Please ask me again."
        return status("interrupted", told, code="interrupted")
    told = f"I was interrupted while this was running: {listed(doing)}. I did not try again; please check it first."
    return status("interrupted", told, code="interrupted_doing", values={"doing": ", ".join(doing)})


def listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def waiting(door: str) -> Entry:
    """For a decision: a member's own, or the host's of a guest's chat."""
    return status("waiting", WAITING[door], code="waiting")
