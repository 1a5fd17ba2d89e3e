"""The playground's notes can be attached to a question, and one question comes ready made."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mcp import Client
from mcp.types import ResourceTemplateReference

from playground.notes import Notebook, make_server

TEMPLATE = "notes://note/{title}"


@asynccontextmanager
async def notes_of(tmp_path: Path) -> AsyncIterator[Client]:
    notebook = Notebook(tmp_path / "notes.json")
    for title in ("Milk & <b>", "Ideas/2026"):
        notebook.add(f"About {title}", title)
    async with Client(make_server(notebook, "token", "http://127.0.0.1:9/mcp")) as client:
        yield client


async def test_a_note_is_found_by_the_beginning_of_its_title_and_read(tmp_path: Path) -> None:
    async with notes_of(tmp_path) as notes:
        [template] = (await notes.list_resource_templates()).resource_templates
        assert template.uri_template == TEMPLATE
        reference = ResourceTemplateReference(type="ref/resource", uri=TEMPLATE)
        found = await notes.complete(reference, {"name": "title", "value": "milk"})
        assert found.completion.values == ["Milk & <b>"]
        [read] = (await notes.read_resource("notes://note/Milk%20%26%20%3Cb%3E")).contents
        assert "About Milk & <b>" in str(read)


async def test_all_notes_are_one_resource(tmp_path: Path) -> None:
    async with notes_of(tmp_path) as notes:
        [resource] = (await notes.list_resources()).resources
        [read] = (await notes.read_resource(str(resource.uri))).contents
        assert "About Milk & <b>" in str(read) and "About Ideas/2026" in str(read)


async def test_a_reminder_comes_ready_made(tmp_path: Path) -> None:
    async with notes_of(tmp_path) as notes:
        [message] = (await notes.get_prompt("remind", {"what": "call Kim", "when": "on Monday"})).messages
        assert "Add a note: remember to call Kim, on Monday" in str(message)
