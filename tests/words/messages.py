"""Reads ICU messages as far as the tests need: which values each takes."""


def parameters(message: str) -> set[str]:
    """The names of its values, at any depth; what stands in a branch is a message again."""
    found: set[str] = set()
    at = 0
    while (at := message.find("{", at)) >= 0:
        inside = message[at + 1 : (end := _closed(message, at))]
        name, _, rest = inside.partition(",")
        found.add(name.strip())
        if rest and (branches := rest.partition(",")[2]) and "{" in branches:
            found |= _in_branches(branches)
        at = end + 1
    return found


def _in_branches(text: str) -> set[str]:
    found: set[str] = set()
    at = 0
    while (at := text.find("{", at)) >= 0:
        end = _closed(text, at)
        found |= parameters(text[at + 1 : end])
        at = end + 1
    return found


def _closed(text: str, at: int) -> int:
    """Where the brace that opens at ``at`` is closed."""
    depth = 0
    for place in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return place
    raise ValueError(f"a brace is never closed: {text}")
