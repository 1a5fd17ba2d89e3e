"""Files of guests, as a link's creator chooses them: never more than the installation allows."""

from typing import Any

from bot.services.files.kinds import KINDS
from bot.services.links.uploads.values import FileTerms
from bot.services.links.values import Draft

NONE_HERE = "Guests cannot send files here. An administrator can change that."


def complaints(draft: Draft, terms: FileTerms) -> dict[str, str]:
    """Under the draft's own field names."""
    if not draft.files:
        return {}
    if not terms.most or not terms.kinds:
        return {"files": NONE_HERE}
    errors: dict[str, str] = {}
    if not 1 <= draft.files <= terms.most:
        errors["files"] = f"A guest may send from 1 to {terms.most} files, or none."
    if set(draft.file_kinds) - set(terms.kinds):
        errors["file_kinds"] = f"Guests here may send these kinds: {', '.join(terms.kinds)}."
    if draft.file_megabytes and not 1 <= draft.file_megabytes <= terms.megabytes:
        errors["file_megabytes"] = f"A file may have from 1 to {terms.megabytes} MB."
    return errors


def limits_of(draft: Draft) -> dict[str, Any]:
    """As a link keeps them, and as the hash of what was chosen has them. A kind that was not chosen stays out, also
    when the installation allows more later.
    """
    if not draft.files:
        return {}
    kinds = [kind for kind in KINDS if kind in (draft.file_kinds or KINDS)]
    return {"files": {"count": draft.files, "kinds": kinds, "megabytes": draft.file_megabytes}}
