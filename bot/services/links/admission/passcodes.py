"""Passcodes: made of words that can be said on the telephone, kept as a slow hash, compared in constant time."""

import asyncio
import hashlib
import hmac
import re
import secrets
import unicodedata

SHORTEST, LONGEST = 6, 64
WORDS_IN_ONE = 4
COST = 2**15
"""Of each hash: 32 MB, and a core for a tenth of a second."""
_SALT = 16
_MEMORY = 64 * 1024 * 1024
_DASHES = re.compile(r"[\s\u2010-\u2015_-]+")

# 256 short words that sound unlike each other: four of them are one in four thousand million.
_WORDS = """
acorn actor album amber anchor angle apple april arrow atlas autumn badge baker bamboo banjo barrel basket beacon
berry bicycle biscuit blanket blossom bottle breeze brick bridge bronze bucket butter button cabin cactus camera
candle canoe canvas carbon carpet castle cedar cello chalk cherry chess cinema circle citrus clover coast cobalt
coffee comet compass copper coral cotton cradle crayon cricket crystal curtain cypress daisy dancer delta denim desert
dolphin domino donkey dragon drawer drum eagle early easel echo eleven ember engine falcon family feather fennel ferry
fiddle finger flame flute forest fossil fountain foxglove frost galaxy garden garlic ginger giraffe glacier globe
golden granite grape gravel guitar hammer hamster harbor harvest hazel helmet heron hockey honey horizon igloo indigo
iris island ivory jacket jasmine jelly jigsaw jungle juniper kernel kettle kitchen kitten koala ladder lagoon lantern
laurel lemon letter lilac linen lizard lobster locket lotus magnet mango maple marble meadow melon meteor mirror
mitten monday monkey mosaic mountain museum mustard napkin nectar needle nickel nutmeg oasis oboe ocean olive onion
orange orbit orchid otter oyster paddle palace panda papaya parade parrot peanut pebble pepper piano pigeon pillow
pine planet plum pocket poem polar poppy potato prism puzzle quartz quilt rabbit radish rainbow raven ribbon river
robin rocket rosemary ruby saddle saffron salad salmon sandal scarf scooter shadow silver sketch spiral spring squash
stable stamp summit sunday sunset tablet teapot temple thimble thunder ticket timber tomato topaz tractor tulip tunnel
turtle umbrella valley vanilla velvet village violet violin wagon walnut whale willow window winter wizard yellow
zebra
"""
WORDS = tuple(_WORDS.split())


def made(seed: bytes = b"") -> str:
    """Four words; the same for the same ``seed``, which is secret and at least as long as they are many."""
    seed = seed or secrets.token_bytes(WORDS_IN_ONE)
    return "-".join(WORDS[each] for each in seed[:WORDS_IN_ONE])


def told(text: str) -> str:
    """As it is compared: how a phone writes capitals, spaces and dashes makes no difference."""
    return _DASHES.sub("-", unicodedata.normalize("NFKC", text).casefold()).strip("-")


class Passcodes:
    """Each hash takes its `COST`, so a crowd of guessers waits in line for two of them."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(2)

    async def at_rest(self, passcode: str) -> bytes:
        """What a table stores: the salt, then the hash."""
        salt = secrets.token_bytes(_SALT)
        return salt + await self._hash(passcode, salt)

    async def matches(self, passcode: str, stored: bytes) -> bool:
        return hmac.compare_digest(await self._hash(passcode, stored[:_SALT]), stored[_SALT:])

    async def _hash(self, passcode: str, salt: bytes) -> bytes:
        def hashed() -> bytes:
            return hashlib.scrypt(told(passcode).encode(), salt=salt, n=COST, r=8, p=1, maxmem=_MEMORY, dklen=32)

        await self._places.acquire()
        work = asyncio.create_task(asyncio.to_thread(hashed))
        # Not with who waits: who asks and leaves, again and again, would have any number hashed at once.
        work.add_done_callback(lambda _: self._places.release())
        return await asyncio.shield(work)
