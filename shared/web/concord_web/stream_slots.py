"""Slots for streamed bodies, so that long batches cannot take the connections of short requests."""

from __future__ import annotations

from collections import Counter

from concord_web.problem import Problem

RETRY_AFTER_FULL = 30
RETRY_AFTER_SHARE = 10


class StreamSlots:
    """Slots without a login, with a share for each client, and as many for requests with a login.

    Batches without a login then cannot keep out the city's own imports.
    """

    def __init__(self, slots: int, share: int) -> None:
        self._slots = slots
        self._share = share
        self._anonymous: Counter[str] = Counter()
        self._logged_in = 0

    @property
    def taken(self) -> int:
        return self._anonymous.total() + self._logged_in

    def take(self, client: str, *, logged_in: bool) -> None:
        """Take a slot. Raises Problem 429 for a client with its whole share, 503 without a free slot."""
        if logged_in:
            if self._logged_in >= self._slots:
                raise _full()
            self._logged_in += 1
            return
        if self._anonymous[client] >= self._share:
            raise Problem(
                429,
                detail=f"Your address sends {self._share} batches already. Wait until one of them ends.",
                headers={"Retry-After": str(RETRY_AFTER_SHARE)},
            )
        if self._anonymous.total() >= self._slots:
            raise _full()
        self._anonymous[client] += 1

    def give_back(self, client: str, *, logged_in: bool) -> None:
        """Free a slot that `take` took with the same arguments."""
        if logged_in:
            self._logged_in -= 1
            return
        self._anonymous[client] -= 1
        if self._anonymous[client] <= 0:
            del self._anonymous[client]


def _full() -> Problem:
    return Problem(
        503,
        detail="Too many batches at once. Send the batch again in half a minute; single reports are still accepted.",
        headers={"Retry-After": str(RETRY_AFTER_FULL)},
    )
