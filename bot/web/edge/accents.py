"""An installation's own colour on guests' pages: as light or as dark, in each theme, as reading takes (WCAG 2)."""

import colorsys
from collections.abc import Iterator
from dataclasses import dataclass

ENOUGH = 4.5
USHERS = "#1d6b63"
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
_STEPS = 200
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Theme:
    """What stands in `usher.css` beside the accent; ``most`` is how much of the colour the tint of it may hold."""

    paper: Colour
    surface: Colour
    ink: Colour
    soft: Colour
    most: float
    towards: int
    """The lightness that the colour is moved to: 0 or 1."""


LIGHT = Theme((0xF6, 0xF4, 0xEF), (0xFF, 0xFE, 0xFB), (0x20, 0x25, 0x2B), (0x5B, 0x63, 0x6C), 0.12, 0)
DARK = Theme((0x14, 0x18, 0x1B), (0x1C, 0x21, 0x25), (0xE9, 0xE6, 0xDF), (0xA3, 0xAB, 0xB3), 0.24, 1)


@dataclass(frozen=True)
class Accent:
    """``ink`` is written on the accent, which is itself written on paper, on surfaces and on its ``tint``."""

    accent: Colour
    ink: Colour
    tint: Colour


def stylesheet(named: str) -> str:
    """To be laid over `usher.css`; ``named`` is like «#1d6b63»."""
    light, dark = (_variables(accent_of(named, theme)) for theme in (LIGHT, DARK))
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def accent_of(named: str, theme: Theme) -> Accent:
    chosen = parsed(named)
    tint = next(each for each in _tints(chosen, theme) if _reads((theme.ink, theme.soft), each))
    accent = next(each for each in _shades(chosen, theme) if _reads((each,), theme.paper, theme.surface, tint))
    inks = (WHITE, _mixed(chosen, BLACK, 0.15), BLACK)
    return Accent(accent, next(each for each in inks if contrast(each, accent) >= ENOUGH), tint)


def on_phones(named: str) -> str:
    """Of the bar that a phone puts round a page; empty: Usher's own."""
    return written(accent_of(named or USHERS, LIGHT).accent)


def parsed(named: str) -> Colour:
    """Of «#1d6b63»; raises ValueError."""
    if len(named) != 7 or named[0] != "#":
        raise ValueError(named)
    red, green, blue = bytes.fromhex(named[1:])
    return red, green, blue


def written(colour: Colour) -> str:
    return f"#{bytes(colour).hex()}"


def contrast(one: Colour, other: Colour) -> float:
    """As WCAG 2 counts it, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _reads(on: tuple[Colour, ...], *grounds: Colour) -> bool:
    return all(contrast(each, ground) >= ENOUGH for each in on for ground in grounds)


def _tints(chosen: Colour, theme: Theme) -> Iterator[Colour]:
    for step in range(_STEPS + 1):
        yield _mixed(chosen, theme.surface, theme.most * (1 - step / _STEPS))


def _shades(chosen: Colour, theme: Theme) -> Iterator[Colour]:
    """The colour itself, then further and further from what it is written on, in its own hue."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(each / 255 for each in chosen))
    for step in range(_STEPS + 1):
        moved = lightness + (theme.towards - lightness) * step / _STEPS
        red, green, blue = (round(each * 255) for each in colorsys.hls_to_rgb(hue, moved, saturation))
        yield red, green, blue


def _mixed(colour: Colour, ground: Colour, share: float) -> Colour:
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(colour, ground, strict=True))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(each / 255) for each in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _variables(one: Accent) -> str:
    return f"--accent:{written(one.accent)};--accent-ink:{written(one.ink)};--tint:{written(one.tint)}"
