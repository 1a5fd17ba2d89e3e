"""Cursors that hold a place in an index, never an offset."""

import base64
import json
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from bot.web.api.operations import ID, Given
from bot.web.api.problems import Refusal

MOST, USUAL = 100, 50
Cursor = Annotated[str, Field(max_length=400, description="`next` of the page before; empty: from the beginning")]
PlaceId = Annotated[str, Field(pattern=f"^{ID}$")]
PlaceNumber = Annotated[int, Field(ge=0, lt=2**31)]


class Paged(Given):
    cursor: Cursor = ""
    limit: Annotated[int, Field(ge=1, le=MOST)] = USUAL


def cursor_after(*position: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).rstrip(b"=").decode()


def place(cursor: str, shape: Any) -> Any:
    """What `cursor_after` was given, of this shape; None for the beginning."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return TypeAdapter(shape).validate_python(tuple(json.loads(base64.b64decode(padded, b"-_", validate=True))))
    except (ValueError, TypeError, RecursionError) as error:
        raise Refusal(422, "This cursor is none of ours.", {"cursor": "Take it from `next` of a page."}) from error
