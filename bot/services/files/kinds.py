"""The kinds of files that a model looks at, and how one is named where it is not at hand."""

from typing import Any

PICTURE, PDF, TEXT = "picture", "pdf", "text"
KINDS = (PICTURE, PDF, TEXT)
OFFICE = "office"
"""Of which the words are kept, as a text."""
MEGABYTE = 1_000_000

Ref = dict[str, Any]
"""Of a file in the log and in a stored message: id, name, kind, mime, size, tokens; of a picture width and height."""

FILES = "files"
"""In the log's body of a message, in what a turn notes, in a stored message of the model's history: its refs."""
