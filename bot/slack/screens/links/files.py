"""Files that guests may send: chosen in a link's form, and told on its card."""

from collections.abc import Mapping
from typing import Any

from bot.services.files.kinds import KINDS
from bot.services.links.uploads.values import FileTerms
from bot.services.links.values import Draft, Terms
from bot.slack.screens.blocks.elements import Block, field, option, select
from bot.slack.screens.blocks.text import count
from storage.tables import Link

CHOICE = "link.files"
NONE = "0"
COUNTS, SIZES = (1, 3, 5, 10, 20), (1, 2, 5, 10)
LABELS = {"picture": "Pictures", "pdf": "PDFs", "text": "Texts (TXT, CSV, Markdown)"}
HINT = "The assistant reads them, and you find them in the guest's thread. Where pictures were taken is removed."


def fields(given: Mapping[str, Any], terms: Terms) -> list[Block]:
    """The choice, and what belongs to it; the form is drawn anew when another is chosen. None where none may be."""
    files = terms.files
    if not files.most or not files.kinds:
        return []
    counts = {NONE: "None"} | {str(each): f"Up to {count(each, 'file')} each" for each in _upto(COUNTS, files.most)}
    options = {value: option(told, value) for value, told in counts.items()}
    chosen = select("value", list(options.values()), options.get(given["files"], options[NONE]))
    block = {**field("files", "Files from guests", {**chosen, "action_id": CHOICE}, hint=HINT), "dispatch_action": True}
    return [block] if given["files"] == NONE else [block, _kinds(given, files), _size(given, files)]


def _kinds(given: Mapping[str, Any], files: FileTerms) -> Block:
    there = {kind: option(LABELS[kind], kind) for kind in KINDS if kind in files.kinds}
    first = [there[kind] for kind in given["file_kinds"] if kind in there]
    several: Block = {"type": "multi_static_select", "action_id": "value", "options": list(there.values())}
    return field("file_kinds", "Which files", several | ({"initial_options": first} if first else {}))


def _size(given: Mapping[str, Any], files: FileTerms) -> Block:
    options = {str(each): option(f"Up to {each} MB", str(each)) for each in _upto(SIZES, files.megabytes)}
    largest = list(options)[-1]
    first = options.get(given["file_megabytes"], options[largest])
    return field("file_megabytes", "How large each", select("value", list(options.values()), first))


def _upto(steps: tuple[int, ...], most: int) -> list[int]:
    return sorted({each for each in steps if each < most} | {most})


def filled(terms: Terms) -> dict[str, Any]:
    """The fields as they are before anybody chooses."""
    return {"files": NONE, "file_kinds": list(terms.files.kinds), "file_megabytes": str(terms.files.megabytes)}


def chosen(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a draft."""
    if not (number := int(values.get("files") or NONE)):
        return {}
    kinds = values.get("file_kinds")
    return {
        "files": number,
        "file_kinds": tuple(kind for kind in KINDS if isinstance(kinds, list) and kind in kinds),
        "file_megabytes": int(values.get("file_megabytes") or Draft.file_megabytes),
    }


def told(link: Link) -> str:
    """For its creator; empty where guests send none."""
    if not (files := link.limits.get("files")):
        return ""
    size = f", up to {files['megabytes']} MB each" if files.get("megabytes") else ""
    kinds = ", ".join(LABELS[kind].partition(" ")[0].lower().replace("pdf", "PDF") for kind in files["kinds"])
    return f"{count(files['count'], 'file')} from each guest at most: {kinds}{size}"
