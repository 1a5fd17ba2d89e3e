"""Why packages could not be installed, from what pip, npm and the system say; their own words are for the log."""

LATER = "Try again in a few minutes; if it stays so, an administrator can see why in the log."
FULL = "there is no room left on this machine's disk"
SAID = (
    (("no space left", "enospc", "disk quota"), FULL, "An administrator can make room."),
    (
        ("do not match the hashes", "eintegrity"),
        "a package is not what it was when it was chosen, so it was not installed",
        "Please tell an administrator.",
    ),
)
"""Marks in what was said, in small letters; the first that fits counts."""


class NotInstalled(Exception):
    """``reason`` is a clause for people; ``cure`` a sentence."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cure = cure


def of_system(error: OSError) -> tuple[str, str]:
    if error.errno in (28, 122):  # ENOSPC, EDQUOT
        return FULL, "An administrator can make room."
    return "its packages could not be written on this machine", "An administrator can see why in the log."


def of_installer(code: int | None, said: str, reached: bool) -> tuple[str, str]:
    lowered = said.lower()
    if code is None:
        return "installing its packages took too long", "Try again in a few minutes."
    for marks, reason, cure in SAID:
        if any(mark in lowered for mark in marks):
            return reason, cure
    if not reached:
        return "the index that its packages come from cannot be reached from here", LATER
    return "its packages could not be installed", "An administrator can see why in the log."
