"""The Notes server keeps its word when several calls come at once."""

import asyncio
from pathlib import Path

from playground.notes import Notebook


async def test_notes_added_and_deleted_at_once_are_all_added_and_all_deleted(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "notes.json")
    titles = [f"note {number}" for number in range(40)]
    await asyncio.gather(*(asyncio.to_thread(notebook.add, title, title) for title in titles))
    assert sorted(notebook.titles()) == sorted(titles)
    await asyncio.gather(*(asyncio.to_thread(notebook.delete, title) for title in titles))
    assert notebook.titles() == Notebook(tmp_path / "notes.json").titles() == []
