"""What members had kept or were told by tools comes back as words: notes, reminders and what is found again."""

from datetime import timedelta

import pytest

from bot.services.memory.values import Found, Hit
from bot.slack.screens.memory import searching, section
from bot.slack.screens.turns import reminders
from mcp_runtime.tools.untrusted_text import visible
from playground.slack.block_kit.checking import check
from storage.schema import now
from storage.tables import Note, Reminder
from tests.slack.test_hostile_guests import CALLS, LINKS, LOOKS, ORDERS, OURS, SIGNALS, texts

SAMPLES = (*CALLS, *LINKS, *LOOKS, *ORDERS, "<!channel> *x* " * 7_000)


@pytest.mark.parametrize("start", range(0, len(SAMPLES), 20))
def test_none_of_them_calls_links_or_hides_wherever_it_is_shown(start: int) -> None:
    for sample in SAMPLES[start : start + 20]:
        note = Note(id="n", text=sample, since=now())
        reminder = Reminder(id="r", text=sample[:1000], place={}, due_at=now() + timedelta(hours=1), created_at=now())
        hit = Hit("tool", sample, sample, now(), sample, {})
        rows = [*section.rows([note]), *section.noted(note)[1], *reminders.told(reminder), *reminders.put_off(reminder)]
        rows += [*reminders.waiting([reminder]), *searching._hits(Found([hit]), [""])]
        assert check({"text": reminders.words(reminder), "blocks": rows}, "message") == [], sample[:60]
        assert not SIGNALS.search(section.noted(note)[0] + section.undone(note) + reminders.words(reminder))
        for kind, text in texts(rows):
            assert kind == "plain_text" or not SIGNALS.search(OURS.sub("", text)), text
            assert visible(text) == text, ascii(text)
