"""A card's question as a field of Slack's form: text, a choice, several choices, a switch."""

from bot.slack.screens.blocks.elements import Block, checkbox, field, option, select, select_several, text_input
from run_cards.fields import ON, Field, Kind, chosen

VALUE = "value"
YES = "Yes"


def question(asked: Field, typed: str = "", *, may_be_empty: bool = False) -> Block:
    """``typed`` is what it held before; a secret is never put back."""
    element = _element(asked, "" if asked.secret else typed)
    return field(asked.name, asked.label, element, hint=asked.hint, optional=asked.optional or may_be_empty)


def _element(asked: Field, typed: str) -> Block:
    options = {each.value: option(each.label, each.value, each.about) for each in asked.options}
    match asked.kind:
        case Kind.SWITCH:
            return checkbox(VALUE, option(YES, ON), ticked=typed == ON)
        case Kind.CHOICE:
            return select(VALUE, list(options.values()), options.get(typed))
        case Kind.CHOICES:
            ticked = [options[value] for value in chosen(typed) if value in options]
            return select_several(VALUE, list(options.values()), ticked)
    return text_input(initial=typed, placeholder=asked.placeholder, multiline=asked.kind is Kind.LONG)
