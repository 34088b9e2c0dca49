"""Finds the message that ends the process: redelivered messages run in groups that shrink with every crash.

A note counts the groups in which a message ran when its process ended. A message without a note runs with up to 63
others, then with up to seven, then alone. Only a crash while it is alone counts against it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from concord_bus.domain.delivery import Delivery

GROUP_SIZES = (64, 8, 1)
"""The largest group of a message by its notes."""
ALONE = len(GROUP_SIZES) - 1


class Suspect(NamedTuple):
    """A redelivered message with its fingerprint, which takes a while to compute."""

    fingerprint: str
    delivery: Delivery


def suspect(delivery: Delivery) -> Suspect:
    return Suspect(delivery.fingerprint, delivery)


def largest_group(notes: int) -> int:
    """Return the number of messages that may run together with `notes` on each of them."""
    return GROUP_SIZES[min(notes, ALONE)]


def noted(notes: int, group_size: int) -> int:
    """Return the notes of a message that is about to run in a group. A small group counts as a later step."""
    step = max(step for step, size in enumerate(GROUP_SIZES) if size >= group_size)
    return max(notes, step) + 1


def crashes_alone(notes: int) -> int:
    """Return how often the process ended while the message ran alone."""
    return max(0, notes - ALONE)


def suspect_groups(suspects: Iterable[Suspect], notes: Mapping[str, int]) -> list[list[Suspect]]:
    """Split suspects into groups by their `notes`, which are by fingerprint. The least suspicious come first."""
    by_size: dict[int, list[Suspect]] = {}
    for one in suspects:
        by_size.setdefault(largest_group(notes.get(one.fingerprint, 0)), []).append(one)
    return [
        found[start : start + size]
        for size, found in sorted(by_size.items(), reverse=True)
        for start in range(0, len(found), size)
    ]
