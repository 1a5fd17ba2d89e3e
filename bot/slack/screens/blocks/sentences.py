"""Calls told in a sentence of our own: «Close issues #41 and #57 in acme/web». Never in the model's words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.services.approvals.phrases import filled, names_in, plainly, same
from bot.services.log_entries import listed
from bot.slack.screens.blocks.text import safe

Call = Mapping[str, Any]


def told_together(calls: Iterable[Call]) -> list[list[Call]]:
    """One after another as they are, but those that one sentence tells whole are one."""
    groups: list[list[Call]] = []
    for call in calls:
        found = next((group for group in groups if _joins(group, call)), None)
        if found is None:
            groups.append([call])
        else:
            found.append(call)
    return groups


def in_a_sentence(calls: Sequence[Call]) -> str:
    """Empty where there are no words for it; escaped."""
    phrase = calls[0].get("phrase")
    if not phrase:
        return ""
    names = names_in(phrase["text"])
    values = {name: listed(list(dict.fromkeys(_value(call, name) for call in calls))) for name in names}
    told = filled(phrase["text"], _marked(phrase["text"], values, calls), several=len(calls) > 1)
    return told[:1].upper() + told[1:]


def untold(call: Call) -> dict[str, Any]:
    """The arguments that its sentence does not tell."""
    phrase = call.get("phrase") or {"text": "", "where": {}}
    known = {*names_in(phrase["text"]), *phrase["where"]}
    return {name: value for name, value in dict(call.get("arguments") or {}).items() if name not in known}


def _joins(group: Sequence[Call], call: Call) -> bool:
    """It says the same of another one thing, and has nothing else to show."""
    first = group[0]
    alike = all(first.get(key) == call.get(key) for key in ("phrase", "connection_id", "tool", "server", "flow"))
    bare = not any(untold(each) or each.get("changed") or each.get("costs") for each in (first, call))
    if not first.get("phrase") or not alike or not bare:
        return False
    names = names_in(first["phrase"]["text"])
    differing = [[name for name in names if not same(one["arguments"][name], call["arguments"][name])] for one in group]
    return all(len(each) == 1 and each == differing[0] for each in differing)


def _value(call: Call, name: str) -> str:
    return safe(plainly(call["arguments"][name]), 60)


def _marked(text: str, values: dict[str, str], calls: Sequence[Call]) -> dict[str, str]:
    """«#41 and #57»: a mark that stands before a name in the sentence stands before each of several."""
    marked = dict(values)
    for name in values:
        each = list(dict.fromkeys(_value(call, name) for call in calls))
        if len(each) > 1 and f"#{{{name}}}" in text:
            marked[name] = listed([each[0], *(f"#{value}" for value in each[1:])])
    return marked
