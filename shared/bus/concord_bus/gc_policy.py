"""Python's garbage collection, tuned for a process that works in batches."""

import gc
from collections.abc import Callable
from time import monotonic

GEN0_THRESHOLD = 200_000
"""More objects than a batch creates. Python's default of 700 would scan a live batch again and again."""
SECONDS = 10.0


def schedule_collection(clock: Callable[[], float] = monotonic) -> Callable[[], None]:
    """Freeze all loaded objects, and return a function that collects garbage every SECONDS.

    Call this once after the start, and the returned function in the main loop. Little garbage is cyclic, but a few
    objects may hold much memory.
    """
    gc.freeze()
    gc.set_threshold(GEN0_THRESHOLD)
    last = clock()

    def collect_when_due() -> None:
        nonlocal last
        if clock() - last >= SECONDS:
            gc.collect()
            last = clock()

    return collect_when_due
