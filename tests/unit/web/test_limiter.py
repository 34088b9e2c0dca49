"""The limiter: rates, windows on a fake clock, and keys that hold no address."""

from datetime import date, timedelta

import pytest

from concord_web.limiter import Limiter, read_rate
from concord_web.problem import Problem
from concord_web.window_storage import WindowStorage

ADDRESS, NEIGHBOUR = "203.0.113.77", "203.0.113.78"


class World:
    """A clock in seconds, a date, and random bytes that differ each time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.day = date(2026, 12, 1)
        self.salts = 0
        self.refused: list[str] = []

    def random(self, count: int) -> bytes:
        self.salts += 1
        return self.salts.to_bytes(count, "big")

    def limiter(self, **rates: str) -> Limiter:
        return Limiter(rates, lambda: self.now, lambda: self.day, self.random, self.refused.append)


def retry_after(limiter: Limiter, client: str = ADDRESS) -> int | None:
    try:
        limiter.take("receipts", client)
    except Problem as problem:
        return int(problem.headers["Retry-After"]) if problem.status == 429 else None
    return None


def test_a_client_beyond_the_rate_waits_for_the_end_of_its_window():
    world = World()
    limiter = world.limiter(receipts="2/10 minutes")
    assert [retry_after(limiter), retry_after(limiter)] == [None, None]
    world.now += 100
    assert (retry_after(limiter), retry_after(limiter, NEIGHBOUR)) == (500, None)
    world.now += 499.5
    assert retry_after(limiter) == 1
    world.now += 0.5
    assert retry_after(limiter) is None
    assert world.refused == ["receipts", "receipts"]


def test_a_check_does_not_count():
    limiter = World().limiter(receipts="1/minute")
    for _ in range(3):
        limiter.check("receipts", ADDRESS)
    assert retry_after(limiter) is None


def test_a_limit_that_is_off_or_unknown_lets_everything_pass():
    limiter = World().limiter(receipts="off")
    assert [retry_after(limiter) for _ in range(1000)] == [None] * 1000
    limiter.take("unknown", ADDRESS)


def test_no_address_is_kept_and_each_day_has_a_salt_of_its_own():
    world = World()
    limiter = world.limiter(receipts="1/day")
    limiter.take("receipts", ADDRESS)
    keys = list(limiter._windows._windows)
    assert len(keys) == 1
    assert not any(form in keys[0] for form in (ADDRESS, ADDRESS.encode().hex()))
    world.day += timedelta(days=1)
    assert retry_after(limiter) is None, "the new day's salt gives another key"
    assert world.salts == 2
    assert len(set(limiter._windows._windows)) == 2


def test_counters_are_bounded_and_ended_ones_forgotten():
    now = [0.0]
    storage = WindowStorage(lambda: now[0], max_keys=3)
    for number in range(5):
        storage.incr(f"key-{number}", 60)
    assert (len(storage), storage.get("key-1"), storage.get("key-4")) == (3, 0, 1)
    now[0] = 61.0
    storage.incr("key-5", 60)
    assert len(storage) == 1


@pytest.mark.parametrize("text", ["", "many", "0/minute", "5", "5/fortnight", "-1/minute", "5/0 minutes"])
def test_a_malformed_rate_is_an_error(text):
    with pytest.raises(ValueError):
        read_rate(text)


@pytest.mark.parametrize("text", ["30/10 minutes", "5/hour", "1 per second", "100/day"])
def test_rates_are_written_in_words(text):
    assert read_rate(text) is not None
    assert read_rate(" OFF ") is None
