"""Guests who ask in one moment, 250 of them: until all have begun, and all is stored at the end; beside bare aiohttp.

The worker may run all turns side by side, and the model says half a second of words to each.
"""

from benchmarks.parts.report import Measured, main
from benchmarks.processes import folder, many_files
from benchmarks.sse import bare_load, bare_served, load, usher_served

GUESTS, TOKENS = 250, 50
FIGURES = ("all_taken_s", "all_begun_s", "stored_after_last_word_s", "turn_cpu_ms", "turn_statements")


async def measure(quick: bool) -> Measured:
    guests = 10 if quick else GUESTS
    many_files()
    with folder() as where:
        async with bare_served(where) as bare:
            baseline = await bare_load(bare, guests, TOKENS)
        async with usher_served(where, "crowd", guests, TOKENS) as (usher, chats):
            told = await load(usher, chats)
    figures = {"guests": guests, **{name: told[name] for name in FIGURES}, "last_word_p99_s": told["last_word_p99_s"]}
    bars = {"all_begun_s": 4.0, "stored_after_last_word_s": 1.5, "turn_cpu_ms": 15.0}
    ratio = {"last_word_p99_s": figures["last_word_p99_s"] / baseline["last_word_p99_s"]}
    kept = {"last_word_p99_s": baseline["last_word_p99_s"], "cpu_s": baseline["cpu_s"]}
    return Measured(figures, kept, ratio, bars)


if __name__ == "__main__":
    main("looking.crowd", __doc__, measure)
