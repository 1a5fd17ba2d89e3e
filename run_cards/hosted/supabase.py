"""One Supabase project, through Supabase's hosted MCP server and the member's own access token."""

import re
from urllib.parse import urlencode

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import Field, RunCard, Values
from run_cards.checks import one_word

URL = "https://mcp.supabase.com/mcp"


def _project(value: str) -> str | None:
    if re.fullmatch(r"[a-z]{20}", value.strip()):
        return None
    return "A project's reference is 20 small letters: it is in the address of its dashboard."


def _token(value: str) -> str | None:
    if not value.strip().startswith("sbp_"):
        return "An access token starts with sbp_."
    return one_word(value)


def _server(values: Values) -> ServerSpec:
    # Naming one project takes the tools of the whole account away.
    return HttpSpec(f"{URL}?{urlencode({'project_ref': values['project'].strip()})}")


CARD = RunCard(
    name="supabase",
    title="Supabase",
    about="The database, logs and functions of one project.",
    fields=(
        Field("project", "Project reference", hint="20 small letters, from the dashboard's address.", check=_project),
        Field(
            "token",
            "Access token",
            hint="Make one under Account → Access tokens.",
            placeholder="sbp_…",
            secret=True,
            check=_token,
        ),
    ),
    server=_server,
    reads=frozenset(
        {
            "generate_typescript_types",
            "get_advisors",
            "get_edge_function",
            "get_logs",
            "get_project_url",
            "list_branches",
            "list_edge_functions",
            "list_extensions",
            "list_migrations",
            "list_tables",
            "search_docs",
        }
    ),
    icon=":card_file_box:",
    notes=("Supabase advises against connecting a project that holds real customers' data.",),
)
