"""What Slack sends, and who sent it."""

from typing import Any

from storage.members import Member

Payload = dict[str, Any]
_KEPT_UNDER = "usher.workspace"
"""No name of Slack's; what it signs nobody else can write into."""


def member_of(body: Payload) -> Member | None:
    """Who acted, from the payload itself: Bolt's context may be another person's when tokens are cached.

    None for what no person did. Whether they are a member at all is for `people.standing` to say.
    """
    user = body.get("user_id") or _id(body.get("user")) or _id(_event(body).get("user"))
    workspace = workspace_of(body)
    return Member(workspace, user) if user and workspace else None


def workspace_of(body: Payload) -> str:
    """Where it is marked, that (`by_team`); else the enterprise where there is one, else the team."""
    if marked := body.get(_KEPT_UNDER):
        return str(marked)
    installed = _authorization(body)
    if installed:
        return str(installed.get("enterprise_id") or installed.get("team_id") or team_of(body))
    return str(_enterprise(body) or team_of(body))


def by_team(body: Payload) -> str:
    """One process serves many workspaces: each team is one by itself, whatever organisation it is a part of.

    Marks the payload so, for all that ask where it belongs, and gives the team.
    """
    opened_in = str((body.get("view") or {}).get("app_installed_team_id") or "")
    told = _authorization(body).get("team_id") or (opened_in if opened_in.startswith("T") else "")
    body[_KEPT_UNDER] = team = str(told or team_of(body))
    return team


def enterprise_of(body: Payload) -> str:
    """The organisation that the workspace is a part of; empty for none."""
    return str(_authorization(body).get("enterprise_id") or _enterprise(body))


def installed_org_wide(body: Payload) -> bool:
    told = _authorization(body).get("is_enterprise_install", body.get("is_enterprise_install"))
    return told is True or told == "true"


def team_of(body: Payload) -> str:
    """The workspace in which it was done; for an installation on a whole enterprise, the person's own."""
    return str(body.get("team_id") or _id(body.get("team")) or _id(body.get("user"), "team_id"))


def home_team_of(body: Payload) -> str:
    """The workspace that the person is at home in, which Slack wants to know before it streams to them."""
    own = next((home for home in homes_of(body) if home.startswith("T")), "")
    return own or team_of(body)


def homes_of(body: Payload) -> list[str]:
    """All that the payload tells of where the person comes from, the most reliable first."""
    event, user = _event(body), body.get("user")
    told = [event.get(name) for name in ("user_team", "source_team", "team")]
    told.append(_id(event.get("user_profile"), "team"))
    for person in (user, event.get("user")):
        told += [_id(person, "team_id"), _id(_part(person, "enterprise_user"), "enterprise_id")]
    if (body.get("view") or {}).get("app_installed_team_id"):
        told.append(_id(body.get("team")))
    if "command" in body:
        told.append(body.get("team_id"))
    return [str(each) for each in told if each]


def authorized_in(body: Payload) -> set[str]:
    """Where an event reached us, by Slack's own word: the one thing in it that is no stranger's."""
    return {str(_authorization(body).get(name) or "") for name in ("team_id", "enterprise_id")} - {""}


def place_of(body: Payload) -> str | None:
    """The channel where it was done; empty for nowhere, as in Home. None in a window, and for what is pressed in a
    direct message with us: it comes from a place that was judged."""
    if "event" in body:
        return str(_event(body).get("channel") or "")
    kind, container = body.get("type"), body.get("container") or {}
    if kind in ("view_submission", "view_closed") or (body.get("view") or {}).get("type") == "modal":
        return None
    where = str(body.get("channel_id") or _id(body.get("channel")) or container.get("channel_id") or "")
    return None if kind == "block_actions" and where.startswith("D") else where


def in_shared_channel(body: Payload) -> bool | None:
    """With another organisation; None where the payload does not say."""
    told = body.get("is_ext_shared_channel")
    return told if isinstance(told, bool) else None


def _authorization(body: Payload) -> Payload:
    return (body.get("authorizations") or [{}])[0] if "event" in body else {}


def _enterprise(body: Payload) -> str:
    return _id(body.get("enterprise")) or str(body.get("enterprise_id") or "") or _id(body.get("team"), "enterprise_id")


def _event(body: Payload) -> Payload:
    return body.get("event") or {}


def _part(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _id(value: Any, key: str = "id") -> str:
    if isinstance(value, dict):
        return str(value.get(key) or "")
    return str(value or "") if key == "id" else ""


def values_of(view: Payload) -> dict[str, Any]:
    """A form's answers by block id: text, the chosen value, or a list of chosen values."""
    state = view.get("state", {}).get("values", {})
    return {block: _answer(next(iter(elements.values()), {})) for block, elements in state.items()}


def _answer(element: Payload) -> Any:
    if "selected_options" in element:
        return [option["value"] for option in element["selected_options"] or []]
    if "selected_users" in element:
        return list(element["selected_users"] or [])
    if "selected_conversations" in element:
        return list(element["selected_conversations"] or [])
    for name in ("selected_user", "selected_conversation", "selected_date"):
        if name in element:
            return element[name] or ""
    if "selected_option" in element:
        return (element["selected_option"] or {}).get("value", "")
    return element.get("value") or ""
