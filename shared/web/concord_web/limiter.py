"""The limiter: how often a client may do a thing, such as send a wrong receipt.

limits = Limiter({"receipts": "30/10 minutes"})
limits.check("receipts", request.client)   # raises Problem 429 for a client beyond the limit
limits.count("receipts", request.client)

It counts in memory, for each process by itself. It never stores an address: the key is a keyed hash (HMAC) under a
random salt of the day, which no disk holds.
"""

from __future__ import annotations

import hmac
import math
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from time import monotonic

from limits import RateLimitItem, parse
from limits.strategies import FixedWindowRateLimiter

from concord_web.metrics import web_metrics
from concord_web.problem import Problem
from concord_web.window_storage import WindowStorage

OFF = "off"
SALT_BYTES = 32
KEY_BYTES = 16


class Limiter:
    """Limits by name. A name without a rate has no limit."""

    def __init__(
        self,
        rates: Mapping[str, str],
        now: Callable[[], float] = monotonic,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
        random: Callable[[int], bytes] = secrets.token_bytes,
        refused: Callable[[str], None] = lambda name: web_metrics().limited.labels(name).inc(),
    ) -> None:
        """`now` is a monotonic clock in seconds; `refused` counts refusals. Raises ValueError for a malformed rate."""
        self._rates = {name: rate for name, text in rates.items() if (rate := read_rate(text)) is not None}
        self._windows = WindowStorage(now)
        self._strategy = FixedWindowRateLimiter(self._windows)
        self._now = now
        self._today = today
        self._random = random
        self._refused = refused
        self._salt: tuple[date, bytes] | None = None

    def check(self, name: str, client: str) -> None:
        """Raise Problem 429 with Retry-After if the client has reached the limit."""
        rate = self._rates.get(name)
        if rate is None:
            return
        key = self._key(client)
        if not self._strategy.test(rate, name, key):
            self._refused(name)
            raise too_many(self._strategy.get_window_stats(rate, name, key).reset_time - self._now())

    def count(self, name: str, client: str) -> None:
        """Count once towards the limit."""
        rate = self._rates.get(name)
        if rate is not None:
            self._strategy.hit(rate, name, self._key(client))

    def take(self, name: str, client: str) -> None:
        """Count once. Raises Problem 429, without counting, if the client has reached the limit."""
        self.check(name, client)
        self.count(name, client)

    def _key(self, client: str) -> str:
        day = self._today()
        if self._salt is None or self._salt[0] != day:
            self._salt = (day, self._random(SALT_BYTES))
        return hmac.digest(self._salt[1], client.encode(), "sha256")[:KEY_BYTES].hex()


def read_rate(text: str) -> RateLimitItem | None:
    """Return a rate such as `30/10 minutes`; None for `off`. Raises ValueError for other text."""
    if text.strip().lower() == OFF:
        return None
    rate = parse(text.strip())
    if rate.amount < 1 or re.search(r"(/|per)\s*0+\D", text):  # the library reads 0 minutes as one
        raise ValueError("a rate must allow at least one in a time")
    return rate


def too_many(seconds: float) -> Problem:
    """Return the 429 for a client that may come again after `seconds`."""
    after = max(1, math.ceil(seconds))
    return Problem(
        429, detail=f"Too many tries from your address. Try again in {after} s.", headers={"Retry-After": str(after)}
    )
