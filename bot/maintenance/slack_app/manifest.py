"""The app's manifest: read, brought into what an app is by now, and the difference in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.services.tickets.slack_sign_in import CALLBACK
from bot.services.tokens.scopes import FOR_SLACKBOT

Json = dict[str, Any]
Place = tuple[str, ...]
KEYS = {"slash_commands": "command", "shortcuts": "callback_id"}
"""By which an entry of these lists is known again."""
CHOSEN = (
    ("display_information",),
    ("features", "bot_user", "display_name"),
    ("settings", "org_deploy_enabled"),
    ("settings", "token_rotation_enabled"),
)
"""What whoever runs the app may have chosen otherwise stays as it is."""
SWITCHES: dict[Place, str] = {
    ("features", "app_home", "home_tab_enabled"): "the Home tab",
    ("features", "app_home", "messages_tab_enabled"): "the messages tab",
    ("features", "app_home", "messages_tab_read_only_enabled"): "a messages tab that can only be read",
    ("features", "bot_user", "always_online"): "always shown as online",
    ("settings", "interactivity", "is_enabled"): "buttons and forms",
    ("settings", "socket_mode_enabled"): "Socket Mode",
    ("settings", "org_deploy_enabled"): "installing for a whole organisation",
    ("settings", "token_rotation_enabled"): "token rotation",
}
LISTS: dict[Place, tuple[str, str]] = {
    ("oauth_config", "scopes", "bot"): ("scope", "asks for"),
    ("settings", "event_subscriptions", "bot_events"): ("event", "hears of"),
    ("oauth_config", "redirect_urls"): ("redirect URL", "leads people back by"),
}
CALLED: dict[Place, str] = {
    ("display_information",): "its name, description and colour",
    ("features", "bot_user", "display_name"): "the name by which it speaks",
    ("features", "agent_view", "agent_description"): "how it introduces itself",
    ("features", "agent_view", "suggested_prompts"): "what it suggests to ask",
    ("mcp_servers",): "its tools for Slackbot",
}
SCOPES = ("oauth_config", "scopes", "bot")


@dataclass(frozen=True)
class Difference:
    lines: tuple[str, ...]
    """What would change, a line each; none: it is as it should be."""
    new_scopes: tuple[str, ...]
    beyond: tuple[str, ...]
    """What the app has beyond its manifest, and keeps."""


def read(path: Path, public: str | None = None, *, slackbot: bool = False) -> Json:
    """With the way back of “Sign in with Slack”, where Usher has an address of its own; and that for Slackbot."""
    manifest: Json = yaml.safe_load(path.read_text())
    if public:
        manifest["oauth_config"]["redirect_urls"] = [public.rstrip("/") + CALLBACK]
    if public and slackbot:
        manifest["oauth_config"]["scopes"]["bot"].append(FOR_SLACKBOT)
        server = {"url": public.rstrip("/") + "/mcp", "auth_type": "slack_identity_auth"}
        manifest["mcp_servers"] = {"usher": server}
    return manifest


def scopes(manifest: Json) -> list[str]:
    return list(_at(manifest, SCOPES) or ())


def brought_up(theirs: Json, ours: Json) -> Json:
    """An update replaces all of an app's settings: what they have beyond ours, or chose themselves, goes with it."""
    merged: Json = _merged(theirs, ours, ())
    address = _at(theirs, ("settings", "event_subscriptions", "request_url"))
    if address and not _at(theirs, ("settings", "socket_mode_enabled")):  # it is in HTTP mode, on purpose
        merged["settings"]["socket_mode_enabled"] = False
        for each in merged["features"]["slash_commands"]:
            each.setdefault("url", address)
    return merged


def difference(theirs: Json, merged: Json, ours: Json) -> Difference:
    lines = list(_lines(theirs, merged, ()))
    new = tuple(each for each in scopes(merged) if each not in scopes(theirs))
    return Difference(tuple(lines), new, tuple(_beyond(theirs, ours)))


def _merged(theirs: Any, ours: Any, place: Place) -> Any:
    if place in CHOSEN and theirs not in (None, "", {}):
        return theirs
    if isinstance(ours, dict) and isinstance(theirs, dict):
        names = [*theirs, *(each for each in ours if each not in theirs)]
        return {
            each: _merged(theirs.get(each), ours[each], (*place, each)) if each in ours else theirs[each]
            for each in names
        }
    if isinstance(ours, list) and isinstance(theirs, list):
        if place in LISTS:
            return [*theirs, *(each for each in ours if each not in theirs)]
        if key := KEYS.get(place[-1]):
            wanted, there = {each[key]: each for each in ours}, {each.get(key): each for each in theirs}
            kept = [{**each, **wanted.get(each.get(key), {})} for each in theirs]
            return [*kept, *(dict(each) for name, each in wanted.items() if name not in there)]
    return ours


def _lines(theirs: Any, merged: Any, place: Place) -> Iterator[str]:
    if (theirs or None) == (merged or None):  # an export may leave out what is off or empty
        return
    if place in SWITCHES:
        yield f"turns {'on' if merged else 'off'}: {SWITCHES[place]}"
    elif place in LISTS:
        kind, does = LISTS[place]
        if new := [each for each in merged if each not in (theirs or ())]:
            yield f"{does} the {kind}{'s' if len(new) > 1 else ''} {', '.join(new)}"
    elif place and place[-1] in KEYS:
        yield from _entries(theirs or [], merged, place[-1])
    elif isinstance(merged, dict) and place not in CALLED:
        for name in merged:
            yield from _lines((theirs or {}).get(name), merged[name], (*place, name))
    else:
        called = CALLED.get(place) or "its " + " → ".join(each.replace("_", " ") for each in place[1:])
        yield f"{'changes' if theirs else 'gets'} {called}"


def _entries(theirs: list[Json], merged: list[Json], kind: str) -> Iterator[str]:
    key = KEYS[kind]
    there = {each.get(key): each for each in theirs}
    for each in merged:
        name = each["command"] if kind == "slash_commands" else f"“{each['name']}”"
        what = f"the {'command' if kind == 'slash_commands' else 'shortcut'} {name}"
        old = there.get(each[key])
        if old is None:
            yield f"adds {what}"
        elif changed := [field for field in each if (each[field] or None) != (old.get(field) or None)]:
            yield f"changes {what}: its {' and '.join(field.replace('_', ' ') for field in changed)}"


def _beyond(theirs: Json, ours: Json) -> Iterator[str]:
    for place, (kind, _) in LISTS.items():
        wanted = _at(ours, place) or ()
        yield from (f"the {kind} {each}" for each in _at(theirs, place) or () if each not in wanted)
    for kind, key in KEYS.items():
        known = {each[key] for each in _at(ours, ("features", kind)) or ()}
        word = "command" if kind == "slash_commands" else "shortcut"
        for each in _at(theirs, ("features", kind)) or ():
            if each.get(key) not in known:
                yield f"the {word} {each.get('command') or each.get('name')}"


def _at(manifest: Any, place: Place) -> Any:
    for each in place:
        manifest = manifest.get(each) if isinstance(manifest, dict) else None
    return manifest
