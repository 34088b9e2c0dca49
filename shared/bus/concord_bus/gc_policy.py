"""Python's search for cyclic garbage, set for a process that takes its work in batches."""

import gc
from collections.abc import Callable
from time import monotonic

GEN0_THRESHOLD = 200_000
"""More than a batch in hand, which is none: Python's usual 700 looks at it again and again."""
SECONDS = 10.0


def schedule_collection(clock: Callable[[], float] = monotonic) -> Callable[[], None]:
    """Call once all is loaded: what is there now lives as long as the process. Call what it gives now and then.

    That searches every SECONDS: little garbage is cyclic, and of a small number of objects it may hold on to much.
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
