"""What Slack takes for an app's manifest: its published schema, and what has to fit together.

Schema: https://github.com/slackapi/manifest-schema; ``agent_view`` and ``mcp_servers`` are newer:
https://docs.slack.dev/reference/app-manifest.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.slack.core.changes import Json
from playground.slack.core.installed_app import EVENT_SCOPES

ADDRESS = r"https?://"


@dataclass(frozen=True)
class Text:
    longest: int = 4000
    shortest: int = 1
    pattern: str = ""
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flag:
    pass


@dataclass(frozen=True)
class Number:
    pass


@dataclass(frozen=True)
class Many:
    item: Any
    most: int
    fewest: int = 0


@dataclass(frozen=True)
class Fields:
    needed: Mapping[str, Any] = field(default_factory=dict)
    optional: Mapping[str, Any] = field(default_factory=dict)
    named: Any = None
    """What stands under names of one's own."""
    most: int = 1_000

    def of(self, name: str) -> Any:
        return self.needed.get(name) or self.optional.get(name) or self.named


_WORD, _FLAG = Text(50), Flag()
_PROMPT = Fields({"title": Text(75), "message": Text(3000)})
_SHORTCUT = Fields(
    {"name": Text(24), "type": Text(one_of=("message", "global")), "callback_id": Text(255), "description": Text(150)}
)
_COMMAND = Fields(
    {"command": Text(32, 2, "/"), "description": Text(2000)},
    {"url": Text(3000, 1, ADDRESS), "usage_hint": Text(1000), "should_escape": _FLAG},
)
_FEATURES = {
    "app_home": Fields(
        {}, dict.fromkeys(("home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"), _FLAG)
    ),
    "bot_user": Fields({"display_name": Text(80)}, {"always_online": _FLAG}),
    "shortcuts": Many(_SHORTCUT, 10, 1),
    "slash_commands": Many(_COMMAND, 50, 1),
    "unfurl_domains": Many(Text(255), 5, 1),
    "agent_view": Fields({"agent_description": Text(300)}, {"suggested_prompts": Many(_PROMPT, 4)}),
}
_SETTINGS = {
    "event_subscriptions": Fields(
        {}, {"request_url": Text(3500, 1, ADDRESS), "bot_events": Many(_WORD, 100), "user_events": Many(_WORD, 100)}
    ),
    "interactivity": Fields(
        {"is_enabled": _FLAG},
        {"request_url": Text(3500, 1, ADDRESS), "message_menu_options_url": Text(3500, 1, ADDRESS)},
    ),
    "allowed_ip_address_ranges": Many(Text(18), 50, 1),
    **dict.fromkeys(
        ("org_deploy_enabled", "socket_mode_enabled", "token_rotation_enabled", "is_hosted", "is_mcp_enabled"), _FLAG
    ),
}
_OAUTH = {
    "redirect_urls": Many(Text(2500, 1, r"[a-z][a-z0-9+.-]*://"), 1000),
    "scopes": Fields({}, dict.fromkeys(("bot", "user", "bot_optional", "user_optional"), Many(_WORD, 255))),
    "token_management_enabled": _FLAG,
    "pkce_enabled": _FLAG,
}
_SHOWN = Fields(
    {"name": Text(35)},
    {
        "description": Text(140),
        "long_description": Text(4000, 175),
        "background_color": Text(7, 4, r"#([0-9a-fA-F]{3}){1,2}$"),
    },
)
_MCP_SERVER = Fields(
    {"url": Text(500, 1, r"https://")},
    {
        "auth_type": Text(one_of=("no_auth", "slack_identity_auth", "manual_auth", "dynamic_client_registration")),
        "auth_provider_key": Text(255),
        "headers": Fields(named=Text()),
    },
)
MANIFEST = Fields(
    {"display_information": _SHOWN},
    {
        "_metadata": Fields({}, dict.fromkeys(("schema_version", "major_version", "minor_version"), Number())),
        "features": Fields({}, _FEATURES),
        "oauth_config": Fields({}, _OAUTH),
        "settings": Fields({}, _SETTINGS),
        "mcp_servers": Fields(named=_MCP_SERVER, most=20),
    },
)


def complaints(manifest: Any) -> list[Json]:
    """As ``errors`` of ``invalid_manifest``; none: an app can be made of it."""
    found = list(_schema(MANIFEST, manifest, ""))
    return found or list(_together(manifest))


def _schema(rule: Any, value: Any, at: str) -> Iterator[Json]:
    match rule, value:
        case Fields(), dict():
            yield from _fields(rule, value, at)
        case Many(), list():
            if not rule.fewest <= len(value) <= rule.most:
                yield _complaint("failed_constraint", f"takes {rule.fewest} to {rule.most} items", at)
            for number, each in enumerate(value):
                yield from _schema(rule.item, each, f"{at}/{number}")
        case Text(), str():
            if not rule.shortest <= len(value) <= rule.longest:
                yield _complaint("failed_constraint", f"takes {rule.shortest} to {rule.longest} characters", at)
            elif (rule.one_of and value not in rule.one_of) or not re.match(rule.pattern, value):
                yield _complaint("failed_constraint", "does not match what is expected", at)
        case (Flag(), bool()) | (Number(), int()):
            pass
        case _:
            wanted = {Fields: "object", Many: "array", Text: "string", Flag: "boolean", Number: "integer"}
            yield _complaint("invalid_type", f"must be {wanted[type(rule)]}", at)


def _fields(rule: Fields, value: Json, at: str) -> Iterator[Json]:
    if len(value) > rule.most:
        yield _complaint("failed_constraint", f"takes {rule.most} properties at most", at)
    for name in rule.needed:
        if name not in value:
            yield _complaint("missing_field", f"missing required field: {name}", at or "/")
    for name, each in value.items():
        if (inner := rule.of(name)) is None:
            yield _complaint(
                "invalid_field", f"failed to match all allowed schemas: no such property {name}", at or "/"
            )
        else:
            yield from _schema(inner, each, f"{at}/{name}")


def _together(manifest: Json) -> Iterator[Json]:
    features, settings = manifest.get("features", {}), manifest.get("settings", {})
    scopes = set(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ()))
    events, asks = settings.get("event_subscriptions", {}), settings.get("interactivity", {})
    socket = settings.get("socket_mode_enabled", False)
    if (events.get("bot_events") or events.get("user_events")) and not (socket or events.get("request_url")):
        told = "Event Subscription requires either Request URL or Socket Mode Enabled"
        yield _complaint("missing_field", told, "/settings/event_subscriptions")
    if asks.get("is_enabled") and not (socket or asks.get("request_url")):
        yield _complaint("missing_field", "Interactivity requires a Request URL", "/settings/interactivity")
        yield _complaint("missing_field", "Interactivity requires Socket Mode enabled", "/settings/interactivity")
    if scopes and "bot_user" not in features:
        yield _complaint("missing_field", "Bot scopes require a bot user", "/features/bot_user")
    needed = {EVENT_SCOPES[each] for each in events.get("bot_events", ()) if each in EVENT_SCOPES}
    needed |= {"commands"} if features.get("slash_commands") or features.get("shortcuts") else set()
    for scope in sorted(needed - scopes):
        yield _complaint("missing_scope", f"requires the bot scope {scope}", "/oauth_config/scopes/bot")
    for number, each in enumerate(features.get("slash_commands", ())):
        if not socket and "url" not in each:
            told = "Slash Command requires either Request URL or Socket Mode Enabled"
            yield _complaint("missing_field", told, f"/features/slash_commands/{number}")
    commands = [each["command"] for each in features.get("slash_commands", ())]
    if len(commands) != len(set(commands)):
        yield _complaint("duplicate", "a command stands there twice", "/features/slash_commands")


def _complaint(code: str, message: str, pointer: str) -> Json:
    return {"code": code, "message": message, "pointer": pointer}
