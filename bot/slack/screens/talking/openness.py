"""Who may ask besides members: the window for admins, and what everybody else is told."""

from bot.slack.screens.blocks.elements import View, checkbox, context, field, modal, option, section

OPEN, FORM, GUESTS, OUTSIDERS, TICKED = "openness", "openness.form", "guests", "outsiders", "value"
YES = "yes"
BUTTON = TITLE = "Who may ask me"
ONLY_ADMINS = "Only admins can change who may ask me. Ask one of them."
ABOUT = "Members of this workspace may ask me. Nobody else may, unless you allow it here."
MEANS = (
    "Whoever is allowed may do all that a member may: connect their own tools, make chat links, use up the budget. "
    "They are never admins."
)
NO_GUEST = (
    "Sorry, I answer full members of this workspace only, and Slack says that you are a guest in it. An admin can "
    "change that in my Home tab, under “Who may ask me”."
)
NO_OUTSIDER = (
    "Sorry, I answer people of my own workspace only, and you are here from another organisation. An admin of my "
    "workspace can change that in my Home tab, under “Who may ask me”."
)
NOT_KNOWN = (
    "Slack did not tell me just now whether you belong to this workspace, so I did nothing. Try again in a minute."
)


def form(*, guests: bool, outsiders: bool) -> View:
    of_slack = checkbox(TICKED, option("They may ask me", YES), ticked=guests)
    others = checkbox(TICKED, option("They may ask me", YES), ticked=outsiders)
    shown = [
        section(ABOUT),
        field(GUESTS, "Guests of this workspace (of one channel or several)", of_slack, optional=True),
        field(OUTSIDERS, "People of other organisations, in shared channels", others, optional=True),
        context(MEANS),
    ]
    return modal(TITLE, shown, callback_id=FORM, submit="Save")


def saved(*, guests: bool, outsiders: bool) -> str:
    more = [
        *(["guests of this workspace"] if guests else []),
        *(["people of other organisations"] if outsiders else []),
    ]
    if not more:
        return "Only members of this workspace may ask me."
    return f"Members of this workspace may ask me, and {' and '.join(more)}. It holds from now on."


def turned_away(text: str) -> View:
    """In place of the Home tab."""
    return {"type": "home", "blocks": [section(text)]}
