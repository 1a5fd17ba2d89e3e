"""The languages that guests are spoken to in."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """``code`` as in `lang`; ``name`` in English, for creators and for the model; ``own`` as its speakers call it."""

    code: str
    name: str
    own: str
    direction: str = "ltr"


_ALL = (
    Language("en", "English", "English"),
    Language("de", "German", "Deutsch"),
    Language("fr", "French", "Français"),
    Language("es", "Spanish", "Español"),
    Language("pt", "Portuguese", "Português"),
    Language("ja", "Japanese", "日本語"),
    Language("ar", "Arabic", "العربية", "rtl"),
)
LANGUAGES: Mapping[str, Language] = {language.code: language for language in _ALL}
"""By code; the first is spoken where no other is asked for."""
