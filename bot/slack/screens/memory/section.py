"""Memory in the Home tab: what is kept, notes to look through, a search, and forgetting it all."""

from collections.abc import Sequence

from bot.services.memory import Kept
from bot.slack.screens.blocks.elements import Block, View, actions, button, context, modal, section, sure
from bot.slack.screens.blocks.text import count, safe
from storage.tables import Note

SEARCH, NOTES, FORGET_NOTE, FORGET_ALL = "memory.search", "memory.notes", "memory.forget_note", "memory.forget_all"
UNDO = "memory.undo"
SHOWN = 3
"""Notes in the Home tab itself."""
NOTES_TITLE = "My notes"
ABOUT = "What you said to me, what I answered and what your tools gave, for you alone to find again."
NO_NOTES = "No notes yet. Tell me “remember that …”, and I keep it in mind in all conversations."
SURE = (
    "All that I remember of you, every note, and what was in files that you sent, for good."
    " Conversations go on; to delete one, say so in it."
)
FORGOTTEN = "I have forgotten {memories} and {notes}. In conversations that go on I still read what stands in them."


def listed(kept: Kept) -> list[Block]:
    """For the Home tab."""
    newest = kept.notes[: -SHOWN - 1 : -1]
    search = button("Search my conversations", SEARCH)
    more = button(f"All {len(kept.notes)} notes", NOTES) if len(kept.notes) > SHOWN else None
    forget = button("Forget everything", FORGET_ALL, style="danger", confirm=sure("Forget everything?", SURE, "Forget"))
    there = bool(kept.memories or kept.notes)
    buttons = [search, *([more] if more else []), *([forget] if there else [])]
    told = ABOUT if newest and not kept.memories else f"{ABOUT} {_size(kept.memories)}"
    return [section(told), *(rows(newest) or [context(NO_NOTES)]), actions(*buttons)]


def _size(memories: int) -> str:
    return f"{memories:,} {'piece' if memories == 1 else 'pieces'} so far." if memories else "Nothing so far."


def rows(notes: Sequence[Note]) -> list[Block]:
    return [_row(note) for note in notes]


def _row(note: Note) -> Block:
    forget = button("Forget", FORGET_NOTE, note.id, label=f"Forget the note: {note.text}")
    return section(f":memo: {safe(note.text, 200)}\nsince {note.since:%d %b %Y}", forget)


def all_notes(notes: Sequence[Note]) -> View:
    """In a window, newest first."""
    shown: list[Block] = rows(notes[::-1]) or [section(NO_NOTES)]
    return modal(NOTES_TITLE, shown)


def noted(note: Note) -> tuple[str, list[Block]]:
    """For its member's eyes, where it was noted."""
    told = f":memo: Noted: {safe(note.text, 200)}"
    undo = button("Undo", UNDO, note.id, label="Undo: forget this note again")
    return told, [section(told), actions(undo), context("You find all notes in my Home tab.")]


def undone(note: Note) -> str:
    return f"Forgotten again: {safe(note.text, 200)}"


def forgotten(memories: int, notes: int) -> str:
    return FORGOTTEN.format(
        memories=count(memories, "memory").replace("memorys", "memories"), notes=count(notes, "note")
    )
