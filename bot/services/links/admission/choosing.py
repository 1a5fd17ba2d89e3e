"""Who is to be let in, as a link's creator chose it: looked over, and what is secret of it hashed."""

import re
from dataclasses import dataclass, field, replace

from bot.services.links.admission import passcodes
from bot.services.links.admission.passcodes import Passcodes
from bot.services.links.admission.values import ADDRESSED, ANYONE, MEMBER, PASSCODE
from bot.services.links.values import Draft, Terms

LONGEST_ADDRESS = 254
NO_MAIL = "No mail can be sent from here, so choose another way. Administrators can set it up."
_MEMBER = re.compile(r"[UW][A-Z0-9]{1,30}", re.ASCII)
# Of what mail allows, all that people have; nothing in it can begin another header or name a second address.
_LOCAL, _DOMAIN = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}", r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}"
_ADDRESS = re.compile(f"{_LOCAL}@{_DOMAIN}", re.ASCII)


@dataclass(frozen=True)
class Lock:
    """What stands in the link's row; ``made`` is to be shown this once, empty where its creator typed it."""

    hashed: bytes | None = None
    made: str = field(default="", repr=False)


def complaints(draft: Draft, terms: Terms) -> dict[str, str]:
    """By the draft's field names."""
    if draft.access == PASSCODE:
        return _of_passcode(passcodes.told(draft.passcode))
    if draft.access in ADDRESSED:
        one = {} if draft.max_sessions == 1 else {"max_sessions": "A link for one person has one guest."}
        return one | _of_addressee(draft.access, draft.addressee.strip(), terms)
    return {} if draft.access == ANYONE else {"access": "Choose who may open the link."}


def _of_passcode(typed: str) -> dict[str, str]:
    if not typed or passcodes.SHORTEST <= len(typed) <= passcodes.LONGEST:
        return {}
    long = f"{passcodes.SHORTEST} to {passcodes.LONGEST} characters"
    return {"passcode": f"A passcode has {long}. Leave it empty to have one made."}


def _of_addressee(access: str, addressee: str, terms: Terms) -> dict[str, str]:
    if access == MEMBER:
        return {} if _MEMBER.fullmatch(addressee) else {"addressee": "Choose the member that the link is for."}
    if not terms.mail:
        return {"access": NO_MAIL}
    good = len(addressee) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(addressee)
    return {} if good else {"addressee": "That is no address of mail, such as robin@example.com."}


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
