"""From the row of a workspace's card to the run card that it is."""

from collections.abc import Mapping

from mcp_runtime.specs import BEARER, TOKEN, HttpSpec, SecretPlace, ServerSpec, StdioSpec, from_json
from run_cards.card import Field, Limits, OAuth, RunCard, Values, needed
from run_cards.checks import one_word
from storage.tables import AddedCard

OPEN = "It needs no account: one click connects it."
ADDED = "Added by your workspace's admins."
NOTES = {"none": (OPEN,), "shared": ("One click: it uses a token that your admins entered for everybody.",)}
A_PROGRAM = "It runs as a program on the machine that I run on, in a sandbox."
NOT_ONE_LINE = "This is one line of letters, digits and signs. Paste it whole."


def program_of(row: AddedCard) -> StdioSpec | None:
    spec = from_json(row.spec) if row.spec else None
    return spec if isinstance(spec, StdioSpec) else None


def run_card(row: AddedCard, shared: Mapping[str, str] | None = None) -> RunCard:
    """``shared`` are the secrets that all its members use."""
    spec: ServerSpec = program_of(row) or HttpSpec(row.url, secrets=_places(row))

    def server(values: Values) -> ServerSpec:
        return spec

    questions, program = tuple(row.questions), isinstance(spec, StdioSpec)
    return RunCard(
        name=row.id,
        title=row.title,
        about=row.about,
        fields=_fields(spec) if row.signs_in == "token" else (),
        server=server,
        reads=frozenset(row.reads),
        icon=f":{row.icon}:",
        notes=(ADDED, *([A_PROGRAM] if program else []), *NOTES.get(row.signs_in, ())),
        example=next(iter(questions), ""),
        questions=questions[1:],
        oauth=OAuth() if row.signs_in == "oauth" else None,
        shared_secrets=shared or {},
        limits=Limits(row.seconds),
    )


def _fields(spec: ServerSpec) -> tuple[Field, ...]:
    if isinstance(spec, StdioSpec):
        return tuple(Field(name, name, secret=True, check=_value) for name in spec.secret_fields)
    return (Field(TOKEN, "Access token", secret=True, check=_token),)


def _places(row: AddedCard) -> tuple[SecretPlace, ...]:
    if row.signs_in not in ("token", "shared") or row.header.casefold() == "authorization":
        return BEARER
    return (SecretPlace(TOKEN, row.header, ""),)


def _token(value: str) -> str | None:
    return needed(value) or one_word(value)


def _value(value: str) -> str | None:
    """Of a variable: anything that can be typed."""
    return needed(value) or (NOT_ONE_LINE if any(not each.isprintable() for each in value.strip()) else None)
