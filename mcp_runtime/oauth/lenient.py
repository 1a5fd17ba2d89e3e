"""Members of a stranger's document that can be done without: where one is written oddly, the rest still counts."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError, WrapValidator


def _or_nothing(value: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _or_false(value: Any, read: Callable[[Any], bool]) -> bool:
    return bool(_or_nothing(value, read))


def _words(value: Any) -> Any:
    """Some write a list as one text with spaces or commas."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _one_text(value: Any) -> Any:
    """And some write such a text as a list."""
    return " ".join(value) if isinstance(value, list) and all(isinstance(each, str) for each in value) else value


_Nothing = WrapValidator(_or_nothing)

Words = Annotated[list[str] | None, BeforeValidator(_words), _Nothing]
Scope = Annotated[str | None, BeforeValidator(_one_text), _Nothing]
Text = Annotated[str | None, BeforeValidator(lambda value: value or None), _Nothing]
Number = Annotated[float | None, _Nothing]
Said = Annotated[bool, WrapValidator(_or_false)]
