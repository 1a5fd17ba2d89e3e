"""What a member has answered and entered for a connection: what is secret of it, and what may be kept as it is."""

from dataclasses import dataclass, field

from bot.errors import FormError
from mcp_runtime.specs import HttpSpec, Secrets, from_json
from run_cards.card import RunCard, Values
from storage.tables import Connection


@dataclass(frozen=True)
class Entries:
    """Entered apart from the form, and fit to be used."""

    secrets: dict[str, str] = field(repr=False)
    answers: dict[str, str]
    """What was asked with them and is no secret, such as a header's name."""


def checked_entries(card: RunCard, entered: Secrets) -> Entries:
    """Raises `FormError`. What was not asked counts with its default."""
    found = {each.name: entered.get(each.name, each.default).strip() for each in card.entered}
    if complaints := card.secret_complaints(found):
        raise FormError(complaints)
    secrets = {each.name: found[each.name] for each in card.secrets if found[each.name]}
    return Entries(secrets, {each.name: found[each.name] for each in card.entered if not each.secret})


def kept_answers(card: RunCard, values: Values) -> dict[str, str]:
    """Without secrets: fit to be kept with a ticket or a connection."""
    return {each.name: values.get(each.name, each.default) for each in card.fields if not each.secret}


def answers_of(connection: Connection, card: RunCard) -> dict[str, str]:
    """Also of a connection that was made before answers were kept, as far as its server tells them."""
    spec = from_json(connection.spec)
    told = {"name": connection.title, "url": spec.url} if isinstance(spec, HttpSpec) else {"name": connection.title}
    known = {each.name: told[each.name] for each in card.fields if each.name in told}
    return card.filled({**known, **connection.answers})
