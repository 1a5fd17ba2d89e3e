"""Who is to be let in, as a link's creator chose it: looked over, and what is secret of it hashed."""

from dataclasses import dataclass, field, replace

from bot.services.links.admission import passcodes
from bot.services.links.admission.passcodes import Passcodes
from bot.services.links.admission.values import CHOICES, PASSCODE
from bot.services.links.values import Draft


@dataclass(frozen=True)
class Lock:
    """What stands in the link's row; ``made`` is to be shown this once, empty where its creator typed it."""

    hashed: bytes | None = None
    made: str = field(default="", repr=False)


def complaints(draft: Draft) -> dict[str, str]:
    if draft.access not in CHOICES:
        return {"access": "Choose who may open the link."}
    typed = passcodes.told(draft.passcode)
    if draft.access == PASSCODE and typed and not passcodes.SHORTEST <= len(typed) <= passcodes.LONGEST:
        told = (
            f"A passcode has {passcodes.SHORTEST} to {passcodes.LONGEST} characters. Leave it empty to have one made."
        )
        return {"passcode": told}
    return {}


async def forgetful(draft: Draft, hashing: Passcodes) -> Draft:
    """The same draft, and of a passcode that was typed no more than its hash."""
    if draft.access != PASSCODE:
        return replace(draft, passcode="", passcode_hash="")
    if not passcodes.told(draft.passcode):
        return replace(draft, passcode="")
    return replace(draft, passcode="", passcode_hash=(await hashing.at_rest(draft.passcode)).hex())


async def lock(draft: Draft, hashing: Passcodes, seed: bytes) -> Lock:
    """Of a draft that has forgotten what was typed; the same ``seed`` makes the same passcode."""
    if draft.access != PASSCODE:
        return Lock()
    if draft.passcode_hash:
        return Lock(bytes.fromhex(draft.passcode_hash))
    made = passcodes.made(seed)
    return Lock(await hashing.at_rest(made), made)
