"""One Supabase project, through Supabase's hosted MCP server: signed in to there, or with an access token."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.argument_checks.sql import only_reads
from run_cards.card import Cost, Field, Kind, OAuth, Option, Phrase, RunCard, Values
from run_cards.checks import one_word
from run_cards.common_fields import READ_ONLY

URL = "https://mcp.supabase.com/mcp"
FEATURES = {
    "database": "Database",
    "docs": "Documentation",
    "debugging": "Logs and advisors",
    "development": "Addresses, keys and types",
    "functions": "Edge functions",
    "branching": "Branches",
    "storage": "Storage",
}
USUAL = ("database", "docs", "debugging", "development", "functions", "branching")


def _project(value: str) -> str | None:
    if re.fullmatch(r"[a-z]{20}", value.strip()):
        return None
    return "A project's reference is 20 small letters: it is in the address of its dashboard."


def _token(value: str) -> str | None:
    if not value.strip().startswith("sbp_"):
        return "An access token starts with sbp_."
    return one_word(value)


def _some(value: str) -> str | None:
    return None if value else "Choose at least one."


def _server(values: Values) -> ServerSpec:
    # Naming one project takes the tools of the whole account away.
    asked = {"project_ref": values["project"].strip()}
    asked |= {"read_only": "true"} if values["read_only"] else {}
    return HttpSpec(f"{URL}?{urlencode(asked | {'features': values['features']}, safe=',')}")


def _sql(arguments: Mapping[str, Any], spec: ServerSpec) -> str | None:
    """Where changes were asked for, the question before each call is all there is."""
    read_only = isinstance(spec, HttpSpec) and "read_only=true" in spec.url
    return only_reads("query")(arguments, spec) if read_only else None


CARD = RunCard(
    name="supabase",
    title="Supabase",
    about="The database, logs and functions of one project.",
    fields=(
        Field("project", "Project reference", hint="20 small letters, from the dashboard's address.", check=_project),
        READ_ONLY,
        Field(
            "features",
            "Tools",
            kind=Kind.CHOICES,
            options=tuple(Option(value, label) for value, label in FEATURES.items()),
            default=",".join(USUAL),
            check=_some,
        ),
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
    oauth=OAuth(),
    reads=frozenset(
        """
        generate_typescript_types get_advisors get_edge_function get_logs get_project_url get_publishable_keys
        get_storage_config list_branches list_edge_functions list_extensions list_migrations list_storage_buckets
        list_tables query_logs search_docs
        """.split()  # noqa: SIM905  as lines to read
    ),
    costs={"create_branch": Cost()},
    argument_checks={"execute_sql": _sql},
    phrases={
        "apply_migration": (Phrase("apply the migration {name}"),),
        "deploy_edge_function": (Phrase("deploy the edge function {name}"),),
        "delete_branch": (Phrase("delete the branch {branch_id}"),),
        "merge_branch": (Phrase("merge the branch {branch_id}"),),
        "reset_branch": (Phrase("reset the branch {branch_id}"),),
    },
    icon=":card_file_box:",
    notes=("Supabase advises against connecting a project that holds real customers' data.",),
    example="Which tables does my project have?",
    questions=("Are there security advisories for my project?", "What went wrong in the logs today?"),
    documentation="https://supabase.com/docs/guides/getting-started/mcp",
)
