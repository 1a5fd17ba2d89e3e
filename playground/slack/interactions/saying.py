"""People say things, run commands, look at the app and stop its answers."""

from collections.abc import Sequence

from playground.slack.core.changes import Json
from playground.slack.core.ids import APP_USER, OTHER_APP, OTHER_BOT
from playground.slack.core.people import Channel
from playground.slack.core.refusal import Refused, Unable
from playground.slack.core.triggers import Response, Triggers
from playground.slack.interactions import payloads
from playground.slack.interactions.app_calls import AppCalls
from playground.slack.interactions.composer import Composer
from playground.slack.shared_state import SharedState
from playground.slack.surfaces.message import Message
from playground.slack.surfaces.messages import Messages
from playground.slack.surfaces.response_urls import ResponseUrls
from playground.slack.surfaces.sent_files import Sending, SentFiles
from playground.slack.surfaces.streams import Streams
from playground.slack.surfaces.views import Views

NO_COMMAND = "{name} is not a valid command. All messages that start with “/” are interpreted as commands."
NOT_IN_THREADS = "{name} is not supported in threads. Sorry!"
UNDRAWABLE = "{name} failed with the error “{error}”."
FAILED = {
    "dispatch_failed": "{name} failed with the error “dispatch_failed”. The app is not running.",
    "operation_timeout": "{name} failed because the app did not respond.",
}


class Saying:
    def __init__(
        self,
        shared: SharedState,
        messages: Messages,
        sent_files: SentFiles,
        streams: Streams,
        views: Views,
        triggers: Triggers,
        app_calls: AppCalls,
        responses: ResponseUrls,
    ) -> None:
        self._shared, self._messages, self._streams, self._views = shared, messages, streams, views
        self._sent_files = sent_files
        self._triggers, self._app_calls, self._responses = triggers, app_calls, responses
        self._composer = Composer(shared.directory)
        self.mentions_with_files = True
        """Slack has been seen both to send these as mentions too and not to."""

    def say(
        self,
        person: str,
        channel_id: str,
        typed: str,
        thread_ts: str | None = None,
        *,
        broadcast: bool = False,
        forward: tuple[str, str] | None = None,
        files: Sequence[Sending] = (),
    ) -> str:
        """Post a message as this person, with these files; returns its ts.

        ``broadcast`` sends a reply to the channel as well; ``forward`` passes on the message of this (channel, ts).
        """
        channel = self._joined(person, channel_id)
        shared = self._passed_on(person, forward)
        if not typed.strip() and not shared and not files:
            raise Unable("There is nothing to send.")
        args = {"text": self._composer.message(typed), "thread_ts": thread_ts}
        try:
            message = self._messages.new(channel, person, args)
            message.attachments, message.broadcast = shared, broadcast and message.thread_ts is not None
            message.files = self._sent_files.taken(person, files)
            self._messages.add(message)
        except Refused:
            raise Unable("That message cannot be replied to any more.") from None
        self._deliver(channel, message, payloads.said(message, self._shared.directory.people[person]))
        return message.ts

    def bot_says(self, channel_id: str, typed: str, thread_ts: str | None = None, bot: str = OTHER_BOT) -> str:
        """Another app posts a message, or a workflow does; returns its ts."""
        channel = self._shared.directory.channels[channel_id]
        args = {"text": self._composer.message(typed), "thread_ts": thread_ts}
        message = self._messages.add(self._messages.new(channel, OTHER_APP, args))
        self._deliver(channel, message, payloads.said_by_bot(message, bot))
        return message.ts

    def _deliver(self, channel: Channel, message: Message, event: Json) -> None:
        outbox = self._shared.outbox
        kind, subscription = channel.event_kind
        if channel.is_im:
            outbox.add(subscription, {**event, "channel_type": kind})
        elif APP_USER in channel.members:
            outbox.add(subscription, {**event, "channel_type": kind}, shared=channel.shared)
            if f"<@{APP_USER}>" in message.text and (self.mentions_with_files or not message.files):
                outbox.add("app_mention", {**event, "type": "app_mention"}, shared=channel.shared)

    def _passed_on(self, person: str, forward: tuple[str, str] | None) -> list[Json]:
        if forward is None:
            return []
        channel = self._joined(person, forward[0])
        try:
            message = self._messages.get(channel.id, forward[1])
        except Refused:
            raise Unable("That message is no longer there.") from None
        return [payloads.shared(message, self._shared.directory.people[message.user], channel)]

    def edit(self, person: str, channel_id: str, ts: str, typed: str) -> None:
        message = self._own(person, channel_id, ts)
        before = message.as_slack()
        message.text, message.edited = self._composer.message(typed), True
        self._messages.show(message)
        changed = {"subtype": "message_changed", "message": message.as_slack(), "previous_message": before}
        self._messages.tell_app(message, {**changed, "hidden": True, "ts": self._shared.stamps.next()})

    def delete(self, person: str, channel_id: str, ts: str) -> None:
        message = self._own(person, channel_id, ts)
        before = message.as_slack()
        self._messages.remove(message)
        self._sent_files.gone(message.files)
        gone = {"subtype": "message_deleted", "deleted_ts": ts, "previous_message": before, "hidden": True}
        self._messages.tell_app(message, {**gone, "ts": self._shared.stamps.next()})

    def _own(self, person: str, channel_id: str, ts: str) -> Message:
        try:
            message = self._messages.get(self._joined(person, channel_id).id, ts)
        except Refused:
            raise Unable("That message is no longer there.") from None
        if message.user != person:
            raise Unable("Only its author can do that.")
        return message

    async def command(self, person: str, channel_id: str, line: str, thread_ts: str | None = None) -> Json:
        channel = self._joined(person, channel_id)
        name, typed = (*line.strip().split(maxsplit=1), "", "")[:2]
        known = self._shared.app.command(name)
        if known is None:
            return self._tell(channel, person, NO_COMMAND.format(name=name))
        if thread_ts:
            return self._tell(channel, person, NOT_IN_THREADS.format(name=name))
        text = self._composer.command(typed.strip(), bool(known.get("should_escape")))
        response = Response(person, channel.id)
        url = self._app_calls.response_url(response)
        who, trigger_id = self._shared.directory.people[person], self._triggers.new(person)
        ack = await self._app_calls.deliver(
            "slash_commands", payloads.command(self._shared.directory, who, channel, name, text, trigger_id, url)
        )
        if isinstance(ack, str):
            return self._tell(channel, person, FAILED[ack].format(name=name))
        return self._acknowledged(response, name, ack)

    def _acknowledged(self, response: Response, name: str, ack: Json) -> Json:
        """Show what the ack of a command says; an ack that Slack cannot draw is an error to the person."""
        try:
            if ack:
                self._responses.show(response, ack)
        except Refused as refusal:
            self._shared.refused("command ack", refusal)
            channel = self._shared.directory.channels[response.channel]
            return self._tell(channel, response.person, UNDRAWABLE.format(name=name, error=refusal.error))
        return {"ok": True, **ack}

    def open_home(self, person: str) -> None:
        view = {"view": home} if (home := self._views.homes.get(person)) else {}
        self._opened(person, {"tab": "home", **view})

    def open_dm(self, person: str) -> None:
        self._opened(person, {"tab": "messages"})

    def stop(self, person: str, channel_id: str, ts: str) -> None:
        """The stop button of a streamed answer."""
        message = self._streams.stop_by(person, self._joined(person, channel_id).id, ts)
        if message is None:
            raise Unable("That answer has ended already.")
        event = {"type": "agent_session_stopped", "channel": message.channel, "thread_ts": message.root_ts}
        stopped = {"user": person, "streaming_message_ts": [ts], "event_ts": self._shared.stamps.next()}
        self._shared.outbox.add("agent_session_stopped", {**event, **stopped})

    def _opened(self, person: str, where: Json) -> None:
        channel = self._shared.directory.dm_of(person).id
        event = {"type": "app_home_opened", "user": person, "channel": channel, **where}
        self._shared.outbox.add("app_home_opened", {**event, "event_ts": self._shared.stamps.next()})

    def _tell(self, channel: Channel, person: str, text: str) -> Json:
        self._messages.remark(channel, text, person)
        return {"ok": False, "error": text}

    def _joined(self, person: str, channel_id: str) -> Channel:
        channel = self._shared.directory.channels.get(channel_id)
        if channel is None or person not in channel.people:
            raise Unable("You are not in that channel.")
        return channel
