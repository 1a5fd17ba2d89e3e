"""An edit as its member has filled it in: checked, and what it makes of the connection."""

from dataclasses import dataclass
from typing import Any

from bot.errors import FormError
from bot.services.connections.entering.entries import answers_of, kept_answers
from mcp_runtime.specs import ServerSpec
from run_cards.card import Field, RunCard, Values
from storage.members import Member
from storage.tables import Connection

NAME = "name"


@dataclass(frozen=True)
class Wanted:
    """As the member has filled it in, and well."""

    card: RunCard
    connection: Connection
    title: str
    answers: dict[str, Any]
    spec: ServerSpec

    @property
    def member(self) -> Member:
        return Member(self.connection.workspace_id, self.connection.member_id)


def fields_of(card: RunCard) -> tuple[Field, ...]:
    """What its form asked, but for the name, which every connection has."""
    open_ones = (each for each in card.fields if not (each.secret or each.later or each.fold))
    return tuple(each for each in open_ones if each.name != NAME)


def filled_in(card: RunCard, connection: Connection, title: str, typed: Values) -> Wanted:
    asked = {each.name for each in fields_of(card)}
    values = card.filled(answers_of(connection, card) | {name: typed[name] for name in asked & typed.keys()})
    if any(each.name == NAME for each in card.fields):
        values[NAME] = title
    if complaints := {name: told for name, told in card.complaints(values).items() if name in asked}:
        raise FormError(complaints)
    answers: dict[str, Any] = {**connection.answers, **kept_answers(card, values)}
    return Wanted(card, connection, title, answers, card.server(values))


def apart(wanted: Wanted) -> dict[str, str]:
    """What was entered with the secrets and is none, such as a header's name."""
    return {each.name: str(wanted.answers.get(each.name, "")) for each in wanted.card.entered if not each.secret}
