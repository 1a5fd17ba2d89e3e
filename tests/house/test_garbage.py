"""The search for garbage leaves alone what lasts, and finds all else as ever."""

import gc
import sys
import weakref
from collections.abc import Iterator
from importlib import import_module

import pytest

from bot.running.garbage import NEVER, lasting, spared, warmed


class _Ring:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_lasts_is_not_searched_any_more() -> None:
    with lasting():
        assert not gc.isenabled()
        kept = [_Ring() for _ in range(100)]
    frozen = {id(each) for each in kept} - {id(each) for each in gc.get_objects()}
    assert len(frozen) == 100 and gc.get_freeze_count() >= 100


def test_what_comes_later_is_found_as_ever() -> None:
    with lasting():
        pass
    later = weakref.ref(_Ring())
    assert gc.isenabled()
    gc.collect()
    assert later() is None


def test_it_is_searched_again_after_an_import_that_fails() -> None:
    with pytest.raises(ImportError), lasting():
        import bot.nowhere  # type: ignore[import-not-found]  # noqa: F401
    assert gc.isenabled()


async def test_what_first_turns_need_is_made_in_order_and_lasts() -> None:
    told: list[str] = []

    async def part(name: str) -> None:
        told.append(name)
        assert not gc.isenabled()

    await warmed(lambda: part("model"), lambda: part("tools"))
    assert told == ["model", "tools"] and gc.isenabled() and gc.get_freeze_count()


def test_what_is_never_needed_cannot_be_imported_here(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.split(".")[0] in NEVER]:
        monkeypatch.delitem(sys.modules, name)
    spared()
    try:
        for name in ("PIL.Image", "rich.console", "python_multipart"):
            with pytest.raises(ImportError):
                import_module(name)
    finally:
        for name in NEVER:
            del sys.modules[name]


def test_what_is_there_already_stays() -> None:
    import PIL.Image

    spared()
    assert sys.modules["PIL"] is PIL
