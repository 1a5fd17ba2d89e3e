"""What Slack sends, and who sent it."""

from typing import Any

from storage.members import Member

Payload = dict[str, Any]


def member_of(body: Payload) -> Member | None:
    """Who acted, from the payload itself: Bolt's context may be another person's when tokens are cached.

    None for what no person did, and for people of another organisation in a shared channel.
    """
    event = body.get("event", {})
    user = body.get("user_id") or _id(body.get("user")) or _id(event.get("user"))
    workspace = workspace_of(body)
    if not user or not workspace or _stranger(body, event):
        return None
    return Member(workspace, user)


def workspace_of(body: Payload) -> str:
    """The enterprise where there is one, else the team."""
    installed = (body.get("authorizations") or [{}])[0] if "event" in body else {}
    enterprise = installed.get("enterprise_id") or _id(body.get("enterprise")) or body.get("enterprise_id")
    return str(enterprise or installed.get("team_id") or team_of(body))


def team_of(body: Payload) -> str:
    return str(body.get("team_id") or _id(body.get("team")) or _id(body.get("user"), "team_id"))


def _stranger(body: Payload, event: Payload) -> bool:
    home = {body.get("team_id"), body.get("enterprise_id"), _id(body.get("team")), workspace_of(body)}
    theirs = event.get("user_team") or _id(body.get("user"), "team_id")
    return bool(theirs) and theirs not in home


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
    if "selected_option" in element:
        return (element["selected_option"] or {}).get("value", "")
    return element.get("value") or ""
