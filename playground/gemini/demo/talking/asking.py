"""Asking back: for what a tool needs, which one is meant, or whether it is really wanted."""

import re

from playground.gemini.demo.hearing.clauses import Clause
from playground.gemini.demo.hearing.clocks import clock
from playground.gemini.demo.talking.abilities import joined
from playground.gemini.demo.telling.entries import nothing
from playground.gemini.demo.tools.tool import Parameter, Tool
from playground.gemini.demo.tools.wish import Plan, Want

GONE = {
    "delete": "It cannot be brought back.",
    "revoke": "It stops working at once, and the chats on it end; that cannot be taken back.",
}
MOST = 15


def for_more(plan: Plan) -> str:
    """What is missing before the tool can be called."""
    want = plan.want
    if want is None:
        return ""
    tool = want.tool
    if plan.nothing_there:
        return f"There is nothing to {tool.verb}. {nothing(tool)}"
    if want.choices:
        lead = f"I see no {tool.thing} like “{want.described}”. " if want.described else ""
        bullets = "\n".join(f"- {name}" for name in want.choices[:MOST])
        return f"{lead}Which {tool.thing} do you mean?\n\n{bullets}\n\nSay its name or its place in this list."
    return _question(tool, want.missing, want)


def _question(tool: Tool, missing: Parameter, want: Want) -> str:
    match missing.kind:
        case "name" if tool.deed == "add":
            return f"Gladly. What is the {tool.thing} about, or who is it for? For example: “a customer, for two days”."
        case "free" if tool.deed == "add":
            return f"Gladly. What should the {tool.thing} say?"
        case "free" | "text" if tool.deed == "search":
            return "What should I search for?"
        case "name":
            return f"Which {tool.thing} do you mean? Tell me its {missing.spoken}."
        case "zone":
            at = clock(want.clause.text)
            if at and missing.name.startswith(("source", "from")):
                return f"{at.time} in which city? Name the one where you are."
            return "For which city?"
        case "clock":
            return "Which time do you mean? For example: “5 pm in Berlin”."
        case "repository":
            return f"In which repository should I {tool.phrase}? Give it as owner/name."
    others = [each.spoken for each in tool.needed if each.name not in want.arguments]
    return f"To {tool.phrase} I need to know the {joined(others, 'and the')}. What is the {missing.spoken}?"


def which_server(tools: list[Tool]) -> str:
    return f"With which one: {joined([tool.title for tool in tools], 'or')}? Name it in your request."


def really(tool: Tool, names: list[str]) -> str:
    """A question mark where a request was to be expected."""
    what = f"the {tool.thing} {joined([f'**{name}**' for name in names], 'and')}" if names else f"a {tool.thing}"
    return f"Shall I {tool.verb} {what}? Say “yes”, and I ask for your approval."


def explained(tool: Tool, clause: Clause) -> str:
    """Asked how, whether, or what would happen: nothing does."""
    effect = GONE.get(tool.deed or "")
    if (
        clause.text.lower().startswith(("what happen", "what would happen", "what will happen", "what if", "what does"))
        and effect
    ):
        subject = f"The {tool.thing} is gone then. " if tool.deed == "delete" else ""
        return f"{subject}{effect} I do nothing of the kind before you press Approve."
    lead = "That is for you to decide. " if re.match(r"should", clause.text, re.IGNORECASE) else ""
    return f"{lead}Just tell me: “{example(tool)}”. {_before(tool)}"


def able(tool: Tool) -> str:
    return f"Yes, I can {tool.phrase}. Just tell me: “{example(tool)}”. {_before(tool)}"


def example(tool: Tool) -> str:
    """How to say it."""
    if tool.deed == "add" and tool.of_kind("free"):
        return f"{tool.verb} a {tool.thing}: …"
    if tool.deed == "add":
        return (
            f"make a {tool.thing} for a customer, for two days"
            if tool.things[-1:] == ("link",)
            else f"{tool.phrase} called …"
        )
    if tool.names_a_thing:
        return f"{tool.verb} the {tool.thing} …"
    if tool.of_kind("zone"):
        return (
            "what time is it in Tokyo?"
            if len(tool.needed) == 1
            else "when it is 5 pm in Berlin, what time is it in Tokyo?"
        )
    return f"list my {tool.many}" if tool.deed == "list" else tool.phrase


def _before(tool: Tool) -> str:
    return "I ask for your approval before it happens." if tool.changes else "That only looks and changes nothing."


def left_alone(tool: Tool) -> str:
    """Told not to."""
    return (
        f"All right, I do not {tool.verb} anything. Nothing was changed." if tool.changes else "All right, I leave it."
    )
