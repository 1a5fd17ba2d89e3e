"""What an installation's own file of cards may say, field by field."""

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from run_cards.checks import looks_like_usher, web_address
from run_cards.icons import ICONS
from run_cards.installation.costs import CostEntry

MOST = 20
"""With the product's own they still fit into one modal of Slack."""


def _checked(check: Callable[[str], str | None]) -> AfterValidator:
    def pass_on(value: str) -> str:
        if complaint := check(value):
            raise ValueError(complaint)
        return value.strip()

    return AfterValidator(pass_on)


def _slug(value: str) -> str | None:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", value):
        return "A name is 1 to 20 small letters, digits and hyphens, and starts with a letter: it is typed after /mcp."
    return _ours(value)


def _ours(value: str) -> str | None:
    return "That is Usher's own name, and the tools would look like its own." if looks_like_usher(value) else None


def _line(most: int) -> Callable[[str], str | None]:
    def check(value: str) -> str | None:
        if not value.strip() or len(value.strip()) > most or not value.strip().isprintable():
            return f"This is one line of 1 to {most} characters."
        return None

    return check


def _title(value: str) -> str | None:
    return _line(24)(value) or _ours(value)


def _icon(value: str) -> str | None:
    return None if value.strip().strip(":") in ICONS else f"An icon is one of: {', '.join(sorted(ICONS))}."


def _tool(value: str) -> str | None:
    return (
        None if re.fullmatch(r"[A-Za-z0-9_./-]{1,128}", value) else "A tool's name is one word, as its server tells it."
    )


def _scope(value: str) -> str | None:
    return None if re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}", value) else "A scope is one word."


def _client(value: str) -> str | None:
    return None if value.strip() else "This is the name of an entry of MCP_OAUTH_CLIENTS."


def _variable(value: str) -> str | None:
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        return None
    return "This is the name of a variable, such as WIKI_TOKEN, and not the token itself."


class Entry(BaseModel):
    """One card as the file says it."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, frozen=True)

    name: Annotated[str, _checked(_slug)]
    title: Annotated[str, _checked(_title)]
    about: Annotated[str, _checked(_line(150))]
    url: Annotated[str, _checked(web_address)]
    icon: Annotated[str, _checked(_icon)] = "electric_plug"
    read_only: Annotated[list[Annotated[str, _checked(_tool)]], Field(max_length=200)] = []
    costs: Annotated[dict[Annotated[str, _checked(_tool)], CostEntry], Field(max_length=100)] = {}
    authentication: Literal["none", "token", "shared", "oauth"]
    example: Annotated[str, _checked(_line(150))] = ""
    token_hint: Annotated[str, _checked(_line(150))] = ""
    token_variable: Annotated[str, _checked(_variable)] = ""
    token_file: Annotated[str, _checked(_line(1000))] = ""

    scopes: Annotated[list[Annotated[str, _checked(_scope)]], Field(max_length=50)] = []
    client: Annotated[str, _checked(_client)] = ""

    @model_validator(mode="after")
    def _only_for_signing_in(self) -> "Entry":
        for name in ("scopes", "client"):
            if self.authentication != "oauth" and getattr(self, name):
                raise ValueError(f"{name} is for services that sign their members in: authentication oauth.")
        return self

    @model_validator(mode="after")
    def _where_the_token_is(self) -> "Entry":
        places = [name for name in ("token_variable", "token_file") if getattr(self, name)]
        if self.authentication == "shared" and len(places) != 1:
            raise ValueError("With shared access, either token_variable or token_file says where the token is.")
        if self.authentication != "shared" and places:
            raise ValueError(f"{places[0]} belongs to shared access alone.")
        if self.authentication != "token" and self.token_hint:
            raise ValueError("token_hint is for members who enter a token of their own: authentication token.")
        return self


class File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, frozen=True)

    cards: Annotated[list[Entry], Field(max_length=MOST)]
