"""Streamed messages: they end by themselves after five minutes, hold so much, and a person may stop them."""

from playground.slack.core.changes import Json
from playground.slack.core.ids import APP_USER
from playground.slack.core.refusal import Refused
from playground.slack.shared_state import SharedState
from playground.slack.surfaces.message import Message, identified
from playground.slack.surfaces.message_rules import LONGEST_MARKDOWN, require_blocks, require_chunks
from playground.slack.surfaces.messages import Messages

STREAM_SECONDS, STREAM_BYTES = 300.0, 11_000  # measured by others, not published
COUNTED = ("text", "title", "details", "details", "output", "output")  # a tool's words seem to count twice
SESSION_STATES = ("processing", "active", "suspended", "closed")


class Streams:
    def __init__(self, shared: SharedState, messages: Messages) -> None:
        self._shared, self._messages = shared, messages
        everything = [message for channel in shared.directory.channels for message in messages.of(channel)]
        self._live = {(m.channel, m.ts): m for m in everything if m.streaming_since is not None}

    def expire(self) -> None:
        """Give up the streams that are too old: the message stays with a broken mark until it is rewritten."""
        for message in list(self._live.values()):
            if self._shared.clock() - (message.streaming_since or 0.0) > STREAM_SECONDS:
                self._end(message)
                message.broken = True
                self._messages.show(message)

    def stop_by(self, person: str, channel: str, ts: str) -> Message | None:
        """The stop button: Slack ends the stream at once, and then tells the app."""
        self.expire()
        message = self._live.get((channel, ts))
        if message is None or message.recipient not in (None, person):
            return None
        self._end(message)
        message.stopped_by_user = True
        self._messages.show(message)
        return message

    # --- Web API
    def start(self, args: Json) -> Json:
        channel = self._shared.directory.joined(args["channel"])
        if not channel.is_im:
            self._require_recipient(args, channel.people)
        if args.get("task_display_mode", "timeline") not in ("timeline", "plan"):
            raise Refused("invalid_arguments", "[ERROR] task_display_mode must be timeline or plan")
        message = self._messages.new(channel, APP_USER, {"thread_ts": args["thread_ts"]})
        message.chunks, message.streaming_since = [], self._shared.clock()
        message.can_stop = self._shared.app.hears("agent_session_stopped")
        message.display = args.get("task_display_mode") or "timeline"
        message.recipient = None if channel.is_im else args["recipient_user_id"]
        self._take(message, args)
        message.at_first = len(message.chunks)
        self._live[channel.id, message.ts] = message
        self._messages.add(message)
        return {"channel": channel.id, "ts": message.ts}

    def append(self, args: Json) -> Json:
        message = self._living(args)
        if not args.get("markdown_text") and not args.get("chunks"):
            raise Refused("no_text")
        self._take(message, args)
        self._messages.show(message)
        return {"channel": message.channel, "ts": message.ts}

    def stop(self, args: Json) -> Json:
        message = self._living(args)
        if args.get("session_status", "active") not in SESSION_STATES:
            raise Refused("invalid_arguments", f"[ERROR] session_status must be one of {', '.join(SESSION_STATES)}")
        require_blocks(args.get("blocks"))
        self._take(message, args)
        self._end(message)
        message.blocks = identified(args.get("blocks") or None)
        message.session_status = args.get("session_status", "active")
        self._messages.show(message)
        self._messages.tell_app(message, message.as_slack())
        return {"channel": message.channel, "ts": message.ts, "message": message.as_slack()}

    def _living(self, args: Json) -> Message:
        self.expire()
        message = self._messages.get(args["channel"], args["ts"])
        if not message.by_app:
            raise Refused("message_not_owned_by_app")
        if message.stopped_by_user:
            raise Refused("stopped_by_user")
        if message.streaming_since is None:
            raise Refused("message_not_in_streaming_state")
        return message

    def _take(self, message: Message, args: Json) -> None:
        markdown, chunks = args.get("markdown_text"), args.get("chunks")
        if markdown and chunks:
            raise Refused("cannot_provide_both_markdown_text_and_chunks")
        mode = "markdown_text" if markdown else "chunks" if chunks else ""
        if mode and message.mode not in ("", mode):
            raise Refused("streaming_mode_mismatch")
        if markdown and len(markdown) > LONGEST_MARKDOWN:
            raise Refused("msg_too_long")
        added = [{"type": "markdown_text", "text": markdown}] if markdown else chunks or []
        require_chunks(added)
        so_far = message.chunks or []
        if _weight(so_far + added) > STREAM_BYTES:
            raise Refused("msg_too_long")
        message.mode = message.mode or mode
        message.chunks = so_far + [_kept(chunk) for chunk in added]

    def _end(self, message: Message) -> None:
        message.streaming_since = None
        self._live.pop((message.channel, message.ts), None)

    def _require_recipient(self, args: Json, people: list[str]) -> None:
        for name in ("recipient_user_id", "recipient_team_id"):
            if not args.get(name):
                raise Refused(f"missing_{name}")
        recipient = self._shared.directory.people.get(args["recipient_user_id"])
        if recipient is None or recipient.id not in people or args["recipient_team_id"] != recipient.team:
            raise Refused("invalid_recipient_user_id")


def _kept(chunk: Json) -> Json:
    return {**chunk, "blocks": identified(chunk["blocks"])} if chunk["type"] == "blocks" else chunk


def _weight(chunks: list[Json]) -> int:
    return sum(len((chunk.get(name) or "").encode()) for chunk in chunks for name in COUNTED)
