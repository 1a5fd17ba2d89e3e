"""A tool tried out by hand: its form, the question where one is asked, and what came of it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from bot.services.connections.using.trying import Trial
from bot.slack.screens import schema_forms
from bot.slack.screens.approvals import UNDONE, destructive, elicitations
from bot.slack.screens.approvals.calls import described
from bot.slack.screens.blocks.elements import Block, View, alert, context, modal, section
from bot.slack.screens.blocks.text import count, escaped, safe
from bot.slack.screens.connections.tool_lines import mark
from bot.slack.screens.notices import went_wrong
from mcp_runtime.tools.tools import ToolResult
from storage.tables import Elicitation

FORM, YES = "tools.try_form", "tools.try_yes"
TITLE = "Try it"
MOST_ARGUMENTS = 2000
"""Characters, as JSON, that a question carries in Slack."""
PIECE, MOST_PIECES, MOST_NOTES = 2800, 10, 20
RUNS = "It runs at once: it is one of those that need no question."
ASKS = "Nothing is run yet: first I show you the whole call, and you say yes or no."
TOO_LONG = (
    "These arguments are {} characters long, and a question here takes {}. Ask me for it in our direct message "
    "instead: there I show you the call as well before I make it."
)
ELSEWHERE = "This question stands in our direct message too, and waits there when you close this window."
NOT_WHOLE = "Not all of this call can be shown here, so it cannot be run from here. Shorten it, or ask me for it."


def form(trial: Trial, values: dict[str, Any] | None = None) -> View:
    made = schema_forms.blocks(_schema(trial), values)
    about = f"{_named(trial)}  {mark(trial.tool)}\n{safe(trial.tool.description, 600)}"
    blocks = [section(about), *made.blocks, context(RUNS if trial.free else ASKS)]
    submit = "Run it" if trial.free else "Go on"
    return modal(TITLE, blocks, callback_id=FORM, submit=submit, close="Back", metadata=json.dumps(_kept(trial)))


def filled(trial: Trial, view: dict[str, Any]) -> schema_forms.Filled:
    return schema_forms.read(_schema(trial), view["state"]["values"])


def question(trial: Trial, arguments: dict[str, Any]) -> View:
    """The call as it would be made, to the last argument, like every question of mine."""
    size = len(json.dumps(arguments))
    if size > MOST_ARGUMENTS:
        return modal(TITLE, [alert(TOO_LONG.format(f"{size:,}", f"{MOST_ARGUMENTS:,}"), "warning")], close="Back")
    title = f"{trial.connection.title}: {trial.tool.title or trial.tool.name}"
    call = {"title": title, "tool": trial.tool.name, "arguments": arguments}
    told = described([call])
    if not told.whole:
        return modal(TITLE, [*told.blocks, alert(NOT_WHOLE, "warning")], close="Back")
    danger = [alert(f":warning: {UNDONE}", "warning")] if destructive([call]) else []
    metadata = json.dumps({**_kept(trial), "arguments": arguments})
    blocks = [section("*May I?*"), *told.blocks, *danger]
    return modal(TITLE, blocks, callback_id=YES, submit="Run it", close="Don't run it", metadata=metadata)


def kept_of(view: dict[str, Any]) -> dict[str, Any]:
    """Which tool a form or a question is about: connection, tool and pin, and the arguments of a question."""
    kept: dict[str, Any] = json.loads(view["private_metadata"])
    return kept


def running(trial: Trial, external_id: str) -> View:
    told = section(f":hourglass_flowing_sand: Running {_named(trial)}…")
    return modal(TITLE, [told], close="Back") | {"external_id": external_id}


def asks(row: Elicitation, external_id: str) -> View:
    """What the server asks, or waits for, in the middle of the call."""
    asking = elicitations.closed(row) if row.state == "opened" else elicitations.asked(row)
    return modal(TITLE, [*asking, context(ELSEWHERE)], close="Back") | {"external_id": external_id}


def outcome(trial: Trial, result: ToolResult, seconds: float, questions: Sequence[Elicitation] = ()) -> View:
    """``questions`` are those that the server asked meanwhile, each with its end."""
    blocks = [alert(_failed(result))] if result.failed else [section(_went_well(trial, seconds)), *_shown(result)]
    asked = [context(elicitations.closed_text(each)) for each in questions[:MOST_NOTES]]
    return modal(TITLE, [*blocks, *asked], close="Back")


def outcome_text(trial: Trial, result: ToolResult) -> str:
    """For a direct message, when the window was closed meanwhile: that it happened, not what came of it."""
    return (
        f":warning: {_named(trial)}: {_failed(result)}"
        if result.failed
        else f":white_check_mark: {_named(trial)}: done."
    )


def failed(text: str) -> View:
    """``text`` is escaped already."""
    return modal(TITLE, [alert(text)], close="Back")


def broke(reference: str) -> View:
    """On our side."""
    return modal(TITLE, went_wrong(reference), close="Back")


def _schema(trial: Trial) -> dict[str, Any]:
    schema = trial.tool.definition.get("inputSchema")
    return schema if isinstance(schema, dict) else {}


def _kept(trial: Trial) -> dict[str, str]:
    return {"connection": trial.connection.id, "tool": trial.tool.name, "pin": trial.tool.pin}


def _named(trial: Trial) -> str:
    return f"*{safe(trial.tool.title or trial.tool.name, 100)}* of {safe(trial.connection.title, 80)}"


def _went_well(trial: Trial, seconds: float) -> str:
    took = f"{seconds:.1f} s" if seconds >= 1 else f"{max(1, round(seconds * 1000))} ms"
    return f":white_check_mark: {_named(trial)} answered in {took}."


def _failed(result: ToolResult) -> str:
    return safe(result.error, 2900)


def _shown(result: ToolResult) -> list[Block]:
    """What came, as text; what does not fit is counted."""
    output = result.output if isinstance(result.output, dict) else {"result": result.output}
    parts = [output[name] for name in ("result", "text") if output.get(name) not in (None, "", [], {})]
    text = "\n\n".join(
        each if isinstance(each, str) else json.dumps(each, ensure_ascii=False, indent=2) for each in parts
    )
    pieces = _pieces(text)
    blocks = [section(f"```{piece}```", expand=True) for piece in pieces[:MOST_PIECES]]
    told = [context(safe(note, 2000)) for note in _notes(output, result, len(text), len(pieces) > MOST_PIECES)]
    return [*(blocks or [section("_It answered with nothing._")]), *told[:MOST_NOTES]]


def _notes(output: dict[str, Any], result: ToolResult, length: int, cut: bool) -> Iterator[str]:
    """Sentences about what is not in the text."""
    if output.get("cut"):
        yield f"Cut: {output['cut']}."
    elif cut:
        yield f"Only the beginning is shown, of {length:,} characters."
    if result.files:
        kinds = ", ".join(sorted({each.mime for each in result.files}))
        yield f"{count(len(result.files), 'file')} came with it ({kinds}): ask me for it, and I show it to you."
    for link in output.get("links") or ():
        yield f"It points to {link.get('name', '')}: {link.get('uri', '')}"
    yield from map(str, output.get("notes") or ())


def _pieces(text: str) -> list[str]:
    """Each as long as a code block takes it, cut between lines where that can be."""
    pieces: list[str] = []
    while text:
        size = PIECE
        while len(_coded(text[:size])) > PIECE:
            size = size * 3 // 4
        if size < len(text) and (at := text.rfind("\n", size // 2, size)) > 0:
            size = at + 1
        pieces.append(_coded(text[:size]))
        text = text[size:]
    return pieces


def _coded(text: str) -> str:
    """Blanks of no width keep backticks from ending the code they stand in."""
    return escaped(text).replace("`", "\u200b`\u200b")
