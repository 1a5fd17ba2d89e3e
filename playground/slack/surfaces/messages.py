"""Messages of all channels: posted, changed, deleted, reacted to, read back; and what the app hears of it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, replace

from playground.slack.core.changes import Json
from playground.slack.core.ids import APP_USER, SLACKBOT
from playground.slack.core.people import Channel
from playground.slack.core.refusal import Refused
from playground.slack.shared_state import SharedState
from playground.slack.surfaces.message import Message, identified
from playground.slack.surfaces.message_rules import require_content

HISTORY = {
    "im": "im:history",
    "mpim": "mpim:history",
    "private_channel": "groups:history",
    "public_channel": "channels:history",
}
FEW_ROWS, MOST_ROWS = 15, 1_000
LONGEST_POST = 40_000  # the rest is cut off, silently


class Messages:
    def __init__(self, shared: SharedState, replied: Callable[[str, str | None], None]) -> None:
        self._shared, self._replied = shared, replied
        self.most_rows = MOST_ROWS
        self._all: defaultdict[str, dict[str, Message]] = defaultdict(dict)
        for doc in shared.store.of("message").values():
            message = Message(**doc)
            self._all[message.channel][message.ts] = message
            shared.stamps.seen(message.ts)

    def of(self, channel_id: str) -> list[Message]:
        return list(self._all[channel_id].values())

    def get(self, channel_id: str, ts: str) -> Message:
        channel = self._shared.directory.channel(channel_id)
        if (message := self._all[channel.id].get(ts)) is None:
            raise Refused("message_not_found")
        return message

    def with_file(self, file_id: str) -> Message | None:
        """The app's own that shows this file."""
        ours = (message for channel in self._all.values() for message in channel.values() if message.by_app)
        return next((each for each in ours if any(file["id"] == file_id for file in each.files)), None)

    def add(self, message: Message) -> Message:
        self._all[message.channel][message.ts] = message
        if message.thread_ts and not message.ephemeral_for and (root := self._root(message)):
            root.reply_count, root.replied_at = root.reply_count + 1, message.ts
            self.show(root)
        self.show(message)
        if message.by_app:
            self._replied(message.channel, message.thread_ts)
        return message

    def show(self, message: Message) -> None:
        """Keep a new or changed message and draw it for all who may see it."""
        if not message.ephemeral_for:  # those are seen once, and gone with the window
            self._shared.store.put("message", f"{message.channel}/{message.ts}", asdict(message))
        for person in self.readers(message):
            self._shared.feed.tell([person], {"type": "message", "message": message.for_page(person)})

    def readers(self, message: Message) -> list[str]:
        people = self._shared.directory.channels[message.channel].people
        return [message.ephemeral_for] if message.ephemeral_for else people

    def remove(self, message: Message) -> None:
        readers = self.readers(message)
        del self._all[message.channel][message.ts]
        self._shared.store.drop("message", f"{message.channel}/{message.ts}")
        if message.thread_ts and not message.ephemeral_for and (root := self._root(message)):
            root.reply_count -= 1
            self.show(root)
        self._shared.feed.tell(readers, {"type": "deleted", "channel": message.channel, "ts": message.ts})

    def new(self, channel: Channel, user: str, args: Json) -> Message:
        blocks = identified(args.get("blocks") or None)
        markdown = args.get("markdown_text") or ""
        if markdown:
            blocks = identified([{"type": "markdown", "text": markdown}])
        return Message(
            channel=channel.id,
            ts=self._shared.stamps.next(),
            user=user,
            text=(args.get("text") or markdown)[:LONGEST_POST],
            blocks=blocks,
            thread_ts=self.thread(channel, args.get("thread_ts")),
            by_app=user == APP_USER,
            team=self._shared.team.id,
            metadata=args.get("metadata"),
        )

    def thread(self, channel: Channel, thread_ts: str | None) -> str | None:
        if not thread_ts:
            return None
        root = self._all[channel.id].get(thread_ts)
        if root is None:
            raise Refused("thread_not_found")
        if root.thread_ts or root.ephemeral_for:
            raise Refused("cannot_reply_to_message")
        return thread_ts

    def remark(self, channel: Channel, text: str, person: str | None = None) -> None:
        """The workspace itself says something, to one person or in their DM; the app hears nothing of it."""
        self.add(replace(self.new(channel, SLACKBOT, {"text": text}), local=True, ephemeral_for=person))

    def tell_app(self, message: Message, event: Json) -> None:
        """Apps hear of their own messages too, as of everybody's."""
        kind, subscription = self._shared.directory.channels[message.channel].event_kind
        place = {"channel": message.channel, "channel_type": kind}
        event = {"type": "message", **event, **place, "event_ts": self._shared.stamps.next()}
        self._shared.outbox.add(subscription, event)

    # --- Web API
    def post(self, args: Json) -> Json:
        require_content(args)
        channel = self._shared.directory.joined(args["channel"])
        fresh = self.new(channel, APP_USER, args)
        fresh.broadcast = bool(args.get("reply_broadcast")) and fresh.thread_ts is not None
        message = self.add(fresh)
        self.tell_app(message, message.as_slack())
        return {"channel": channel.id, "ts": message.ts, "message": message.as_slack()}

    def post_ephemeral(self, args: Json) -> Json:
        require_content(args)
        channel = self._shared.directory.joined(args["channel"])
        if args["user"] not in channel.people:
            raise Refused("user_not_in_channel")
        message = self.add(replace(self.new(channel, APP_USER, args), ephemeral_for=args["user"]))
        return {"message_ts": message.ts}

    def update(self, args: Json) -> Json:
        message = self._own(args, "cant_update_message")
        if message.streaming_since is not None:
            raise Refused("streaming_state_conflict")
        require_content(args, longest_text=4000)
        before = message.as_slack()
        self.rewrite(message, args)
        changed = {"subtype": "message_changed", "message": message.as_slack(), "previous_message": before}
        self.tell_app(message, {**changed, "hidden": True, "ts": message.ts})
        return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": message.as_slack()}

    def rewrite(self, message: Message, args: Json) -> None:
        """Text without blocks takes the blocks away; so does it with what was streamed, broken or not."""
        fresh = self.new(self._shared.directory.channels[message.channel], message.user, {**args, "thread_ts": None})
        message.text = fresh.text if args.get("text") or args.get("markdown_text") else message.all_text()
        message.blocks, message.chunks, message.broken, message.edited = fresh.blocks, None, False, True
        self.show(message)

    def delete(self, args: Json) -> Json:
        message = self._own(args, "cant_delete_message")
        self.remove(message)
        self.tell_app(message, {"subtype": "message_deleted", "deleted_ts": message.ts, "hidden": True})
        return {"channel": message.channel, "ts": message.ts}

    def permalink(self, args: Json) -> Json:
        message = self.get(args["channel"], args["message_ts"])
        where = f"https://local.slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
        thread = f"?thread_ts={message.thread_ts}&cid={message.channel}" if message.thread_ts else ""
        return {"channel": message.channel, "permalink": where + thread}

    def react(self, args: Json) -> Json:
        message = self.get(args["channel"], args["timestamp"])
        people = message.reactions.setdefault(args["name"].strip(":"), [])
        if APP_USER in people:
            raise Refused("already_reacted")
        people.append(APP_USER)
        self.show(message)
        return {}

    def history(self, args: Json) -> Json:
        roots = [m for m in self._public(args["channel"]) if not m.thread_ts]
        return self._page(list(reversed(roots)), args)

    def replies(self, args: Json) -> Json:
        thread = [m for m in self._public(args["channel"]) if m.root_ts == args["ts"]]
        if not thread or thread[0].ts != args["ts"]:
            raise Refused("thread_not_found")
        return self._page(thread, args)

    def _public(self, channel_id: str) -> list[Message]:
        channel = self._shared.directory.joined(channel_id)
        needed = HISTORY[channel.kind]
        if self._shared.app.lacks(needed):
            provided = ",".join(sorted(self._shared.app.scopes or ()))
            raise Refused("missing_scope", needed=needed, provided=provided)
        return [m for m in self.of(channel.id) if not m.ephemeral_for and not m.local]

    def _own(self, args: Json, otherwise: str) -> Message:
        message = self.get(args["channel"], args["ts"])
        if message.ephemeral_for:
            raise Refused("message_not_found")
        if not message.by_app:
            raise Refused(otherwise)
        return message

    def _page(self, messages: list[Message], args: Json) -> Json:
        """The message that a thread hangs on comes first, however narrow the span of time that is asked for."""
        oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
        beside = bool(args.get("include_all_metadata")) and str(args["include_all_metadata"]) not in ("0", "false")
        found = [
            _with_metadata(m, beside) for m in messages if m.ts == args.get("ts") or oldest <= float(m.ts) <= latest
        ]
        limit = min(int(args.get("limit") or 100), self.most_rows)
        start = int(args.get("cursor") or 0)
        more = len(found) > start + limit
        following = {"response_metadata": {"next_cursor": str(start + limit) if more else ""}}
        return {"messages": found[start : start + limit], "has_more": more, **following}

    def _root(self, message: Message) -> Message | None:
        return self._all[message.channel].get(message.thread_ts or "")


def _with_metadata(message: Message, wanted: bool) -> Json:
    shown = message.as_slack()
    return {**shown, "metadata": message.metadata} if wanted and message.metadata else shown
