"""A small body that unpacks to a very large one, and how much memory is taken meanwhile."""

import struct
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

LARGE = 200 << 20


@cache
def bomb(coding: str = "gzip") -> bytes:
    """Of 200 MB of blanks: in JSON they are nothing. One piece, packed once, stands there for all of it."""
    piece = b" " * (1 << 20)
    packer = zlib.compressobj(9, wbits=-15)
    body = (packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)) * (LARGE >> 20) + b"\x03\x00"
    check, start = (zlib.adler32, 1) if coding == "deflate" else (zlib.crc32, 0)
    for _ in range(LARGE >> 20):
        start = check(piece, start)
    if coding == "deflate":
        return b"\x78\x9c" + body + start.to_bytes(4, "big")
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + body + struct.pack("<LL", start, LARGE)


@dataclass
class Peak:
    bytes: int = 0


@contextmanager
def peak() -> Iterator[Peak]:
    """The most that was taken at once beyond what was there before."""
    found = Peak()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    try:
        yield found
    finally:
        found.bytes = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
