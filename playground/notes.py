"""Notes: a real MCP server over Streamable HTTP with a bearer check, to try Usher on."""

import argparse
import hmac
import json
import os
import tempfile
import threading
from pathlib import Path

import uvicorn
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
    ToolAnnotations,
)
from pydantic import AnyHttpUrl

READING = ToolAnnotations(read_only_hint=True)
WRITING = ToolAnnotations(read_only_hint=False, destructive_hint=False)
DESTROYING = ToolAnnotations(read_only_hint=False, destructive_hint=True)
LONGEST = 4_000
MOST = 500
MOST_OFFERED = 100  # of a completion, as the protocol has it


class Notebook:
    """Notes by title, in one JSON file that is replaced whole, so that a crash leaves the old or the new."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._changing = threading.Lock()  # tools run in threads, and several notes may be deleted at once
        self._notes: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}

    def titles(self) -> list[str]:
        return list(self._notes)

    def read(self, title: str) -> str:
        return self._notes[self._known(title)]

    def add(self, text: str, title: str) -> str:
        """Keep the note, under its first words when it has no title; returns the title."""
        if not text.strip() or len(text) > LONGEST:
            raise ToolError(f"A note has 1 to {LONGEST} characters.")
        if len(self._notes) >= MOST:
            raise ToolError(f"There are {MOST} notes already: delete some first.")
        with self._changing:
            kept = self._free(title.strip()[:60] or " ".join(text.split()[:6])[:60])
            self._save(self._notes | {kept: text})
        return kept

    def delete(self, title: str) -> str:
        with self._changing:
            known = self._known(title)
            self._save({name: text for name, text in self._notes.items() if name != known})
        return known

    def _known(self, title: str) -> str:
        wanted = title.strip().casefold()
        found = [name for name in self._notes if name.casefold() == wanted]
        if not found:
            raise ToolError(f"There is no note “{title[:60]}”. Notes: {', '.join(self._notes) or 'none yet'}.")
        return found[0]

    def _free(self, title: str) -> str:
        taken = {name.casefold() for name in self._notes}
        names = (title if number == 1 else f"{title} ({number})" for number in range(1, MOST + 2))
        return next(name for name in names if name.casefold() not in taken)

    def _save(self, notes: dict[str, str]) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self._file.parent, delete=False) as new:
            json.dump(notes, new, ensure_ascii=False, indent=1)
        Path(new.name).replace(self._file)
        self._notes = notes


class OneToken:
    """Knows a single bearer token."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def verify_token(self, token: str) -> AccessToken | None:
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return None
        return AccessToken(token=token, client_id="notes", scopes=[])


def make_server(notebook: Notebook, token: str, url: str) -> MCPServer:
    auth = AuthSettings(issuer_url=AnyHttpUrl(url), resource_server_url=None, required_scopes=[])
    server = MCPServer("Notes", log_level="WARNING", token_verifier=OneToken(token), auth=auth)

    @server.tool(title="List notes", annotations=READING)
    def list_notes() -> list[str]:
        """List the titles of all notes."""
        return notebook.titles()

    @server.tool(title="Read a note", annotations=READING)
    def read_note(title: str) -> str:
        """Read the text of the note with this title."""
        return notebook.read(title)

    @server.tool(title="Add a note", annotations=WRITING)
    def add_note(text: str, title: str = "") -> str:
        """Add a note with this text; without a title its first words become the title."""
        return f"Added the note “{notebook.add(text, title)}”."

    @server.tool(title="Delete a note", annotations=DESTROYING)
    def delete_note(title: str) -> str:
        """Delete the note with this title for good."""
        return f"Deleted the note “{notebook.delete(title)}”."

    _add_offerings(server, notebook)
    return server


def _add_offerings(server: MCPServer, notebook: Notebook) -> None:
    """What a person attaches to a question, and a question that is made ready."""

    @server.resource("notes://all", title="All notes", mime_type="text/plain")
    def all_notes() -> str:
        """The titles and texts of all notes."""
        texts = [f"{title}\n{notebook.read(title)}" for title in notebook.titles()]
        return "\n\n".join(texts) or "There are no notes yet."

    @server.resource("notes://note/{title}", title="One note", mime_type="text/plain")
    def one_note(title: str) -> str:
        """The text of one note."""
        return notebook.read(title)

    @server.prompt(title="Add a reminder")
    def remind(what: str, when: str = "") -> str:
        """A note of what is to be done, and when."""
        return f"Add a note: remember to {what}{f', {when}' if when else ''}"

    @server.completion()  # type: ignore[no-untyped-call, untyped-decorator]
    async def complete(
        about: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion | None:
        if not isinstance(about, ResourceTemplateReference):
            return None
        begun = argument.value.casefold()
        return Completion(values=[each for each in notebook.titles() if begun in each.casefold()][:MOST_OFFERED])


def main() -> None:
    """Serve on loopback; the token comes by the environment, since a command line is readable by all."""
    parser = argparse.ArgumentParser(prog="python -m playground.notes", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True)
    given = parser.parse_args()
    url = f"http://127.0.0.1:{given.port}/mcp"
    server = make_server(Notebook(given.file), os.environ["NOTES_TOKEN"], url)
    app = server.streamable_http_app()
    uvicorn.run(app, host="127.0.0.1", port=given.port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
