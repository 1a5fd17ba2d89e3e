"""What an agent app may show around its conversations: status, suggested prompts, titles, the state of sessions."""

from dataclasses import dataclass, field

from playground.slack.core.changes import Json
from playground.slack.core.refusal import Refused
from playground.slack.shared_state import SharedState
from playground.slack.surfaces.streams import SESSION_STATES

STATUS_SECONDS, MOST_PROMPTS, MOST_PHRASES, LONGEST_PHRASE, LONGEST_TITLE = 120.0, 4, 10, 50, 200
Thread = tuple[str, str]


@dataclass
class Status:
    text: str
    since: float
    loading: list[str] = field(default_factory=list)


class AgentSurface:
    def __init__(self, shared: SharedState) -> None:
        self._shared = shared
        self.prompts = self._declared() | shared.store.of("prompts")
        self.statuses: dict[Thread, Status] = {}
        self.sessions: dict[Thread, str] = {}
        self.titles: dict[Thread, str] = {}

    def _declared(self) -> dict[str, Json]:
        """The prompts of the manifest stand in each DM until the app sets others."""
        dms = [channel.id for channel in self._shared.directory.channels.values() if channel.is_im]
        prompts = list(self._shared.app.prompts)
        return {dm: {"channel": dm, "title": None, "prompts": prompts} for dm in dms} if prompts else {}

    def replied(self, channel: str, thread_ts: str | None) -> None:
        """A reply of the app takes the status of its thread away."""
        if thread_ts and self.statuses.pop((channel, thread_ts), None):
            self._tell_status((channel, thread_ts))

    def expire(self) -> None:
        """A status is gone after two minutes."""
        for thread, status in list(self.statuses.items()):
            if self._shared.clock() - status.since > STATUS_SECONDS:
                del self.statuses[thread]
                self._tell_status(thread)

    def live_statuses(self, channels: list[str]) -> list[Json]:
        self.expire()
        return [_drawn(thread, status) for thread, status in self.statuses.items() if thread[0] in channels]

    # --- Web API
    def set_status(self, args: Json) -> Json:
        phrases = args.get("loading_messages") or []
        if len(phrases) > MOST_PHRASES or any(len(phrase) > LONGEST_PHRASE for phrase in phrases):
            raise Refused("invalid_arguments", "[ERROR] loading_messages: at most 10 of at most 50 characters")
        thread = self._thread(args)
        self.statuses.pop(thread, None)
        if args.get("status"):
            self.statuses[thread] = Status(args["status"], self._shared.clock(), phrases)
        self._tell_status(thread)
        return {}

    def set_prompts(self, args: Json) -> Json:
        channel = self._shared.directory.joined(args["channel_id"])
        prompts = args["prompts"]
        if not isinstance(prompts, list) or not all(p.get("title") and p.get("message") for p in prompts):
            raise Refused("invalid_arguments", "[ERROR] prompts: each needs a title and a message")
        if len(prompts) > MOST_PROMPTS:
            raise Refused("invalid_arguments", "[ERROR] prompts: at most 4")
        if not args.get("thread_ts"):  # an agent app that passes it fails without an error
            shown = {"channel": channel.id, "title": args.get("title"), "prompts": prompts}
            self.prompts[channel.id] = shown
            self._shared.store.put("prompts", channel.id, shown)
            self._shared.tell(channel, {"type": "prompts", **shown})
        return {}

    def set_title(self, args: Json) -> Json:
        self.titles[self._thread(args)] = args["title"][:LONGEST_TITLE]
        return {}

    def set_session(self, args: Json) -> Json:
        if not self._shared.app.agent:
            raise Refused("not_authorized")
        if args["status"] not in SESSION_STATES:
            raise Refused("invalid_arguments", f"[ERROR] status must be one of {', '.join(SESSION_STATES)}")
        thread = self._thread(args)
        self.sessions[thread] = args["status"]
        if args["status"] != "processing":
            self.replied(*thread)
        return {"session": {"status": args["status"], "channel_id": thread[0], "thread_ts": thread[1]}}

    def _thread(self, args: Json) -> Thread:
        channel = self._shared.directory.joined(args["channel_id"])
        return channel.id, args["thread_ts"]

    def _tell_status(self, thread: Thread) -> None:
        status = self.statuses.get(thread) or Status("", 0.0)
        self._shared.tell(self._shared.directory.channels[thread[0]], {"type": "status", **_drawn(thread, status)})


def _drawn(thread: Thread, status: Status) -> Json:
    return {"channel": thread[0], "thread_ts": thread[1], "text": status.text, "loading": status.loading}
