"""What the page is told and what it may ask: the JSON between the local Slack and whoever looks at it.

Told: ``LocalSlack.changes(person)`` yields dictionaries, each with a ``type``. The first is always the
snapshot, taken at the same instant as the following starts, so that nothing is missed and nothing comes twice.

    {type: "snapshot", snapshot: Snapshot}
    {type: "message", message: Message}        new or changed: put it where (channel, ts) says; every step of a stream
    {type: "deleted", channel, ts}             a message (ephemeral ones too) is gone
    {type: "modals", modals: [View]}           the whole stack, the last one is on top; empty: close the dialog
    {type: "modal_errors", view_id, errors: {block_id: text}, form: text | null}
                                               under their fields; ``form`` is Slack's own trouble, on top of the
                                               dialog; shown until the next submit or the next "modals"
    {type: "home", home: Home | null}
    {type: "status", channel, thread_ts, text, loading: [str]}      «Usher is …»; an empty text clears it
    {type: "prompts", channel, title: str | null, prompts: [{title, message}]}
    {type: "app", online: bool}                the app's socket is there, or is not
    {type: "trouble", text, channel | null, ts | null, view_id | null}   the app did not take a click: a passing remark
    {type: "resync"}                           too slow a reader: a new snapshot follows at once

    Snapshot  {workspace: {id, name}, me: person id,
               people: [{id, name, is_admin, is_owner, is_bot, title}],     the app (U0USHER) and USLACKBOT among them
               app: {id, user, name, about, online, home: bool, messages: bool,
                     commands: [{command, description, usage_hint}],
                     shortcuts: [{name, type: "global"|"message", callback_id, description}]},
               channels: [{id, name, kind: "channel"|"im", with: user id | null, topic}],   those the person is in
               messages: {channel id: [Message, oldest first; replies in the same list]},
               home: Home | null, modals: [View], statuses: [as the change], prompts: [as the change]}
    Message   {channel, ts, thread_ts: str | null, user, by_app: bool, time: seconds since 1970,
               text: mrkdwn (escaped as Slack does: &amp; &lt; &gt;, <@U…>, <https://…|label>),
               blocks: [Block] | null          draw these instead of the text; below the parts when there are parts
               parts: [Part] | null            a streamed message, in order
               display: "timeline"|"plan"      how task parts are drawn
               streaming: bool, stoppable: bool, stopped: bool (by a person), broken: bool (Slack gave the stream up),
               ephemeral: bool («Only visible to you»), edited: bool, reactions: [{name, users: [id]}],
               reply_count: int, replied_at: ts | null}                     on roots of threads
    Part      {type: "markdown", text}  standard Markdown, pieces already joined
              {type: "task", id, title, status: "pending"|"in_progress"|"complete"|"error", details, output, sources}
              {type: "plan", title}  |  {type: "blocks", blocks}
    View      {id, hash, callback_id, title: str, submit: str | null, close: str, blocks: [Block],
               previous: view id | null, can_go_back: bool}    Blocks always carry ``block_id``, elements ``action_id``
    Home      {view_id, hash, blocks}

Asked: ``LocalSlack.act(body)`` takes one JSON object ``{as: person id, do: …}`` and answers ``{ok: true, …}`` or
``{ok: false, error: sentence}`` once the app has acknowledged (at most 3 s), or at once where nothing is awaited.
What comes of it arrives as changes.

    {do: "say", channel, text, thread_ts?}           → {ts}; text as typed: @Name and #channel are understood
    {do: "edit", channel, ts, text} | {do: "delete", channel, ts}    a message of one's own
    {do: "command", channel, line, thread_ts?}       "/mcp list"; with thread_ts it is refused, as Slack does
    {do: "press", container, block_id, action_id, value?, values?}
          container  {type: "message", channel, ts} | {type: "view", view_id}   (view: a modal or the home)
          value      what was chosen, unless it is a button: see Values.  values: all fields of that message or view
    {do: "submit", view_id, values}                  → {response_action?}
    {do: "close", view_id, all?: bool}               Esc and the close button; all: the × of the whole stack
    {do: "open_home"} | {do: "open_dm"}              each time the person looks there
    {do: "stop", channel, ts}                        the stop button of a stream
    {do: "shortcut", callback_id, channel?, ts?}     with channel and ts: on a message

    Values    {block_id: {action_id: Value}}; a field left out keeps its initial value. Value is a string (text, number,
              date, the ``value`` of an option, an id of a person or channel), a list of such strings (checkboxes, multi
              selects) or null (emptied)
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

Json = dict[str, Any]
MOST_WAITING = 1000
Waiting = asyncio.Queue[Json | None]
"""None: nothing follows."""


class Feed:
    """Changes on their way to the pages that look; told by the rules as they happen."""

    def __init__(self) -> None:
        self._readers: list[tuple[str, Waiting]] = []
        self._pulse = asyncio.Event()

    def tell(self, people: list[str], change: Json) -> None:
        for reader, queue in self._readers:
            if reader in people:
                self._put(queue, change)
        self.pulse()

    def pulse(self) -> None:
        """Wake those who wait for a condition: something may have changed."""
        self._pulse.set()
        self._pulse = asyncio.Event()

    async def when(self, predicate: Callable[[], Any], within: float) -> Any:
        async with asyncio.timeout(within):
            while not (found := predicate()):
                await self._pulse.wait()
        return found

    async def follow(self, person: str, snapshot: Callable[[], Json]) -> AsyncIterator[Json]:
        queue: Waiting = asyncio.Queue(MOST_WAITING)
        entry = (person, queue)
        self._readers.append(entry)
        try:
            yield {"type": "snapshot", "snapshot": snapshot()}
            while (change := await queue.get()) is not None:
                yield change
                if change["type"] == "resync":
                    yield {"type": "snapshot", "snapshot": snapshot()}
        finally:
            self._readers.remove(entry)

    def close(self) -> None:
        """Whoever follows is done, also one whose page has left unseen."""
        for _, queue in self._readers:
            _empty(queue)
            queue.put_nowait(None)

    def _put(self, queue: Waiting, change: Json) -> None:
        if queue.full():
            _empty(queue)
            change = {"type": "resync"}
        queue.put_nowait(change)


def _empty(queue: Waiting) -> None:
    while not queue.empty():
        queue.get_nowait()
