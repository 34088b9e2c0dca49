"""Python's search for cyclic garbage, set for a process that takes its work in batches."""

import gc

YOUNG_OBJECTS = 20_000
"""Between two looks for cyclic garbage. A batch in hand is none: Python's usual 700 looks at it again and again."""


def collect_seldom() -> None:
    """Call once all is loaded: what is there now lives as long as the process."""
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
