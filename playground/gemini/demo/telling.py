"""What tools gave, in sentences."""

import json
from datetime import datetime
from typing import Any

from playground.gemini.demo.places import city
from playground.gemini.demo.talk import Result
from playground.gemini.demo.words import deed, people_say
from playground.gemini.wire import Json

WRAPPING = {"source", "result", "cut", "links"}


def told(results: tuple[Result, ...]) -> str:
    said = [_told(result) for result in results]
    return "\n".join(f"- {line}" for line in said) if _short(said) else "\n\n".join(said)


def _short(said: list[str]) -> bool:
    return len(said) > 1 and all("\n" not in line for line in said)


def _told(result: Result) -> str:
    tool = f"**{people_say(result.name)}**"
    if "error" in result.response:
        return _failed(tool, str(result.response["error"]))
    output = _opened(result.response.get("output"))
    if isinstance(output, dict) and (moment := _moment(output)):
        return moment
    if isinstance(output, list):
        return _listed(tool, output)
    if isinstance(output, dict):
        return f"{tool} gave:\n\n" + "\n".join(f"- **{key}**: {_brief(item)}" for key, item in output.items())
    words = str(output).strip() if output not in (None, "") else ""
    if not words:
        return f"{tool} is done; it had nothing to say."
    if deed(result.name) in ("read", "get", "search") or "\n" in words:
        return f"{tool} gave:\n\n" + "\n".join(f"> {line}" for line in words.splitlines())
    return words


def _failed(tool: str, error: str) -> str:
    lower = error.lower()
    if "declined" in lower:
        return f"The answer to {tool} was no, so I did not do it. Nothing was changed."
    if lower.startswith("not run"):
        return f"I did not run {tool}. {error}"
    return f"{tool} did not work. {error}\n\nNothing else is affected. You can try again, or test the connection."


def _opened(output: Any) -> Any:
    """What a tool gave is often wrapped: JSON in text, a list under ``result``, notes to the model beside it."""
    if isinstance(output, str) and output.lstrip()[:1] in ("{", "["):
        try:
            return _opened(json.loads(output))
        except ValueError:
            return output
    if isinstance(output, dict) and "result" in output and output.keys() <= WRAPPING:
        return _opened(output["result"])
    return output


def _moment(output: Json) -> str:
    source, target = output.get("source"), output.get("target")
    if isinstance(source, dict) and isinstance(target, dict):
        there, here = _clock(target), _clock(source)
        if here and there:
            return f"**{here:%H:%M}** in {_place(source)} is **{there:%H:%M}** in {_place(target)} ({there:%A})."
    if "timezone" in output and (now := _clock(output)):
        return f"In {_place(output)} it is **{now:%H:%M}** on {now:%A}, {now.day} {now:%B %Y} ({output['timezone']})."
    return ""


def _place(moment: Json) -> str:
    return city(str(moment.get("timezone", "")))


def _clock(moment: Json) -> datetime | None:
    try:
        return datetime.fromisoformat(str(moment.get("datetime")))
    except ValueError:
        return None


def _listed(tool: str, items: list[Any]) -> str:
    if not items:
        return f"{tool}: there is nothing there yet."
    entries = "entry" if len(items) == 1 else "entries"
    return f"{tool} gave {len(items)} {entries}:\n\n" + "\n".join(f"- {_brief(item)}" for item in items)


def _brief(item: Any) -> str:
    if isinstance(item, dict) and item:
        item = ", ".join(f"{str(key).replace('_', ' ')}: {_brief(value)}" for key, value in item.items())
    words = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
    return words if len(words) <= 300 else f"{words[:299]}…"
