"""The Web API methods there are: what each needs, which scope, how often it may be called."""

from collections.abc import Callable
from dataclasses import dataclass

from playground.slack.core.changes import Json
from playground.slack.web_api.configuration import Configuration
from playground.slack.web_api.installing import Installing
from playground.slack.web_api.tiers import POSTING, TIER_1, TIER_2, TIER_3, TIER_4
from playground.slack.workspace import Workspace


@dataclass(frozen=True)
class Method:
    answer: Callable[[Json], Json]
    needs: tuple[str, ...] = ()
    scope: str = ""  # several by commas: any of them
    tier: int = TIER_3
    app_token: bool = False
    per_channel: bool = False
    of_the_app: bool = False  # by its id and secret instead of a token
    configures: bool = False  # by a configuration token
    by_argument: bool = False  # a token of its own kind is among the arguments


def methods_of(w: Workspace, installing: Installing, configuration: Configuration) -> dict[str, Method]:
    openid = installing.openid
    people, messages, streams, views, surface = w.directory, w.messages, w.streams, w.views, w.surface
    files = w.files
    read, history = "channels:read,im:read", "channels:history,groups:history,mpim:history,im:history"
    thread = ("channel_id", "thread_ts")
    return {
        "auth.test": Method(people.auth_test, tier=TIER_4),
        "apps.connections.open": Method(w.open_connection, (), "", TIER_1 * 10, app_token=True),
        "chat.postMessage": Method(messages.post, ("channel",), "chat:write", POSTING, per_channel=True),
        "chat.postEphemeral": Method(messages.post_ephemeral, ("channel", "user"), "chat:write", TIER_4),
        "chat.update": Method(messages.update, ("channel", "ts"), "chat:write"),
        "chat.getPermalink": Method(messages.permalink, ("channel", "message_ts")),
        "chat.delete": Method(messages.delete, ("channel", "ts"), "chat:write"),
        "chat.startStream": Method(streams.start, ("channel", "thread_ts"), "chat:write", TIER_2),
        "chat.appendStream": Method(streams.append, ("channel", "ts"), "chat:write", TIER_4),
        "chat.stopStream": Method(streams.stop, ("channel", "ts"), "chat:write", TIER_2),
        "views.open": Method(views.open, ("trigger_id", "view"), tier=TIER_4),
        "views.push": Method(views.push, ("trigger_id", "view"), tier=TIER_4),
        "views.update": Method(views.update, ("view",), tier=TIER_4),
        "views.publish": Method(views.publish, ("user_id", "view"), tier=TIER_4),
        "conversations.open": Method(people.conversations_open, (), "im:write"),
        "conversations.info": Method(people.conversations_info, ("channel",), read),
        "conversations.history": Method(messages.history, ("channel",), history),
        "conversations.replies": Method(messages.replies, ("channel", "ts"), history),
        "conversations.members": Method(people.conversations_members, ("channel",), read, TIER_4),
        "conversations.list": Method(people.conversations_list, (), read, TIER_2),
        "users.info": Method(people.users_info, ("user",), "users:read", TIER_4),
        "users.list": Method(people.users_list, (), "users:read", TIER_2),
        "users.conversations": Method(people.users_conversations, (), read),
        "files.getUploadURLExternal": Method(files.begin, ("filename", "length"), "files:write", TIER_4),
        "files.completeUploadExternal": Method(files.complete, ("files",), "files:write", TIER_4),
        "files.info": Method(w.sent_files.info, ("file",), "files:read", TIER_4),
        "files.delete": Method(files.delete, ("file",), "files:write"),
        "reactions.add": Method(messages.react, ("channel", "name", "timestamp"), "reactions:write"),
        "oauth.v2.access": Method(installing.access, tier=TIER_4, of_the_app=True),
        "auth.revoke": Method(people.auth_test, tier=TIER_3),
        "openid.connect.token": Method(openid.token, ("code",), tier=TIER_4, of_the_app=True),
        "team.info": Method(people.team_info, (), "team:read"),
        "bots.info": Method(people.bots_info, (), "users:read"),
        "assistant.threads.setStatus": Method(surface.set_status, thread, "assistant:write,chat:write", TIER_4),
        "assistant.threads.setSuggestedPrompts": Method(
            surface.set_prompts, ("channel_id", "prompts"), "assistant:write", TIER_4
        ),
        "assistant.threads.setTitle": Method(surface.set_title, (*thread, "title"), "assistant:write", TIER_4),
        "agents.sessions.setStatus": Method(surface.set_session, (*thread, "status"), "assistant:write,chat:write"),
        **_of_apps(configuration),
    }


def _of_apps(apps: Configuration) -> dict[str, Method]:
    """Tier 1 lets somebody try a few times in a row."""
    few, both = TIER_1 * 5, ("app_id", "manifest")
    return {
        "apps.manifest.create": Method(apps.create, ("manifest",), tier=few, configures=True),
        "apps.manifest.update": Method(apps.update, both, tier=few, configures=True),
        "apps.manifest.export": Method(apps.export, ("app_id",), configures=True),
        "apps.manifest.validate": Method(apps.validate, ("manifest",), configures=True),
        "apps.developerInstall": Method(apps.install, ("app_id", "bot_scopes"), tier=few, configures=True),
        "tooling.tokens.rotate": Method(apps.rotate, ("refresh_token",), tier=few, by_argument=True),
    }
