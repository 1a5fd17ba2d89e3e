"""What the workspace knows of the app: its commands, shortcuts, events and scopes, as its manifest declares them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from playground.slack.core.changes import Json

EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
}


@dataclass(frozen=True)
class InstalledApp:
    """Without a manifest everything is allowed: every command is delivered, every event sent, every scope granted."""

    name: str = "Usher"
    about: str = ""
    commands: tuple[Json, ...] = ()
    shortcuts: tuple[Json, ...] = ()
    events: frozenset[str] | None = None
    scopes: frozenset[str] | None = None
    prompts: tuple[Json, ...] = ()
    agent: bool = True
    home: bool = True
    messages: bool = True

    def command(self, name: str) -> Json | None:
        if self.scopes is None and not self.commands:
            return {"command": name, "should_escape": True}
        return next((command for command in self.commands if command["command"] == name), None)

    def hears(self, event: str) -> bool:
        """It subscribes to it, and holds the scope that it needs: an old installation may lack what is newer."""
        heard_by_itself = {"app_mention", "app_home_opened", "message.im", "agent_session_stopped"}
        subscribed = heard_by_itself if self.events is None else self.events
        return event in subscribed and not self.lacks(EVENT_SCOPES.get(event, ""))

    def lacks(self, scope: str) -> bool:
        """Several scopes by commas: any of them will do."""
        return bool(scope) and self.scopes is not None and self.scopes.isdisjoint(scope.split(","))


def installed(manifest: dict[str, Any] | None, granted: Collection[str] | None = None) -> InstalledApp:
    """Install the app that a manifest (parsed) describes; raises ValueError for what Slack would not install.

    ``granted`` are the scopes of an installation that is older than the manifest.
    """
    if manifest is None:
        return InstalledApp()
    app = _read(manifest)
    wanted = {EVENT_SCOPES[event] for event in app.events or () if event in EVENT_SCOPES}
    wanted |= {"commands"} if app.commands or app.shortcuts else set()
    if lacking := wanted - (app.scopes or set()):
        raise ValueError(f"the manifest needs the bot scopes {', '.join(sorted(lacking))} for what it declares")
    return app if granted is None else replace(app, scopes=frozenset(granted))


def _read(manifest: dict[str, Any]) -> InstalledApp:
    features, settings = manifest.get("features", {}), manifest.get("settings", {})
    home = features.get("app_home", {})
    view = features.get("agent_view", {})
    return InstalledApp(
        name=features.get("bot_user", {}).get("display_name") or manifest["display_information"]["name"],
        about=view.get("agent_description") or manifest["display_information"].get("description", ""),
        commands=tuple(features.get("slash_commands", ())),
        shortcuts=tuple(features.get("shortcuts", ())),
        events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
        scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ())),
        prompts=tuple(view.get("suggested_prompts", ())),
        agent="agent_view" in features,
        home=bool(home.get("home_tab_enabled")),
        messages=bool(home.get("messages_tab_enabled")),
    )
