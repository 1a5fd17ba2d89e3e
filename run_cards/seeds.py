"""Variables of the installation that hold what a card asks for: they fill in its form for administrators."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from run_cards.card import RunCard
from run_cards.fields import ON, Field, Kind

LookUp = Callable[[str], str | None]

USE = "installation"
"""The switch that takes the installation's own token."""
THERE_IS_ONE = "There is one in this installation ({variables}). It follows when that is changed."


NOT_ASKED = "Its card asks for nothing of the kind."
NOT_OF_ITS_SHAPE = "It is not of its shape."


def _as_it_is(value: str) -> str:
    return value.strip()


def _project(value: str) -> str:
    """The reference in `https://REFERENCE.supabase.co`."""
    return (urlsplit(value.strip()).hostname or "").partition(".")[0]


@dataclass(frozen=True)
class Seed:
    variable: str
    taken: Callable[[str], str] = _as_it_is


SEEDS: Mapping[str, Mapping[str, Seed]] = {
    "supabase": {"project": Seed("MCP_SUPABASE_URL", _project), "token": Seed("MCP_SUPABASE_KEY")},
    "github": {"token": Seed("MCP_GITHUB_TOKEN")},
    "slack": {"token": Seed("MCP_SLACK_BOT_TOKEN")},
}
"""By card and field."""


@dataclass(frozen=True)
class Found:
    values: Mapping[str, str]
    """Of open fields."""
    secrets: Mapping[str, str] = field(repr=False)
    variables: tuple[str, ...] = ()
    """Those that hold the secrets."""


def _complaint(asked: Field | None, value: str) -> str | None:
    if asked is None:
        return NOT_ASKED
    return asked.complaint(value) if value else NOT_OF_ITS_SHAPE


class Seeds:
    """Looked up anew each time: mounted files are replaced while Usher runs. What its card would not take is left."""

    def __init__(self, look_up: LookUp = lambda _: None) -> None:
        self._look_up = look_up

    def of(self, card: RunCard) -> Found:
        values, secrets, variables = dict[str, str](), dict[str, str](), list[str]()
        for each in card.fields:
            seed = SEEDS.get(card.name, {}).get(each.name)
            value = seed.taken(self._look_up(seed.variable) or "") if seed else ""
            if not seed or not value or each.complaint(value):
                continue
            (secrets if each.secret else values)[each.name] = value
            variables += [seed.variable] if each.secret else []
        return Found(values, secrets, tuple(variables))

    def complaints(self, card: RunCard) -> dict[str, str]:
        """What is wrong with what there is for this card, by variable; raises what looking it up does."""
        asked = {each.name: each for each in card.fields}
        there = {name: (seed, self._look_up(seed.variable) or "") for name, seed in SEEDS.get(card.name, {}).items()}
        return {
            seed.variable: complaint
            for name, (seed, value) in there.items()
            if value.strip() and (complaint := _complaint(asked.get(name), seed.taken(value)))
        }

    def filled_in(self, card: RunCard) -> RunCard:
        """The card as an administrator is asked: with a switch for the token that there is; never with its value."""
        found = self.of(card)
        fields = tuple(replace(each, default=found.values.get(each.name, each.default)) for each in card.fields)
        if found.secrets:
            hint = THERE_IS_ONE.format(variables=", ".join(found.variables))
            fields = (*fields, Field(USE, "Use this installation's token", hint=hint, kind=Kind.SWITCH, default=ON))
        return replace(card, fields=fields)
