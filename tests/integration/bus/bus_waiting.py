"""Waiting for what must come to be."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(read: Callable[[], T], wanted: T | Callable[[T], bool], seconds: float = 20.0) -> T:
    """What `read` gives once it is `wanted`; fails with what it gave last when the seconds are over."""
    deadline = time.monotonic() + seconds
    while True:
        found = read()
        if wanted(found) if callable(wanted) else found == wanted:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds:.0f} s still {found!r}, wanted {wanted!r}")
        time.sleep(0.05)
