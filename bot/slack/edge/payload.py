"""What Slack sends, and who sent it."""

from typing import Any

from storage.members import Member

Payload = dict[str, Any]
SAID = ("message", "app_mention")


def member_of(body: Payload) -> Member | None:
    """Who acted, from the payload itself: Bolt's context may be another person's when tokens are cached.

    None for what no person did, and for people of another organisation in a shared channel. Somebody of another
    workspace of the same enterprise is a member if `claims_enterprise` holds up when Slack is asked.
    """
    event = _event(body)
    user = body.get("user_id") or _id(body.get("user")) or _id(event.get("user"))
    workspace = workspace_of(body)
    if not user or not workspace or _stranger(body):
        return None
    return Member(workspace, user)


def workspace_of(body: Payload) -> str:
    """The enterprise where there is one, else the team."""
    installed = _authorization(body)
    if installed:
        return str(installed.get("enterprise_id") or installed.get("team_id") or team_of(body))
    return str(_enterprise(body) or team_of(body))


def team_of(body: Payload) -> str:
    """The workspace in which it was done; for an installation on a whole enterprise, the person's own."""
    return str(body.get("team_id") or _id(body.get("team")) or _id(body.get("user"), "team_id"))


def home_team_of(body: Payload) -> str:
    """The workspace that the person is at home in, which Slack wants to know before it streams to them."""
    own = next((home for home in _homes(body) if home.startswith("T")), "")
    return own or team_of(body)


def claims_enterprise(body: Payload) -> bool:
    """They are of another workspace than the one it was done in, and only Slack knows whether of our enterprise.

    Where a channel is not shared with other organisations, nobody else can have spoken.
    """
    return bool(_elsewhere(body)) and not ("event" in body and body.get("is_ext_shared_channel") is False)


def _stranger(body: Payload) -> bool:
    """By what the payload says. Where we are in no enterprise, whoever is at home elsewhere is a stranger."""
    elsewhere = _elsewhere(body)
    ours = workspace_of(body)
    said_in_shared = body.get("is_ext_shared_channel") is True and _event(body).get("type") in SAID
    if said_in_shared and not _homes(body):
        return True
    other_enterprise = any(home.startswith("E") for home in elsewhere)
    return bool(elsewhere) and (other_enterprise or not ours.startswith("E"))


def _elsewhere(body: Payload) -> set[str]:
    return set(_homes(body)) - _here(body)


def _here(body: Payload) -> set[str]:
    """Where we are installed. What a payload calls its team may be a stranger's: the authorization outranks it."""
    installed = _authorization(body)
    if installed:
        return {str(installed.get(name) or "") for name in ("team_id", "enterprise_id")}
    opened_in = (body.get("view") or {}).get("app_installed_team_id")
    team = opened_in or body.get("team_id") or _id(body.get("team"))
    return {str(team or ""), _enterprise(body)}


def _homes(body: Payload) -> list[str]:
    """All that the payload tells of where the person comes from, the most reliable first."""
    event, user = _event(body), body.get("user")
    told = [event.get(name) for name in ("user_team", "source_team", "team")]
    told.append(_id(event.get("user_profile"), "team"))
    for person in (user, event.get("user")):
        told += [_id(person, "team_id"), _id(_part(person, "enterprise_user"), "enterprise_id")]
    if (body.get("view") or {}).get("app_installed_team_id"):
        told.append(_id(body.get("team")))
    return [str(each) for each in told if each]


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
    if "selected_user" in element:
        return element["selected_user"] or ""
    if "selected_conversation" in element:
        return element["selected_conversation"] or ""
    if "selected_option" in element:
        return (element["selected_option"] or {}).get("value", "")
    return element.get("value") or ""
