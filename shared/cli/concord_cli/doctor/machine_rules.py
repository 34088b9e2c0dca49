"""Disk space, clocks and key files of this machine. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from concord_cli.doctor.findings import Finding, ok, problem, warning

MIB = 2**20
LITTLE, TOO_LITTLE = 1024 * MIB, 256 * MIB
SKEW_SECONDS, BAD_SKEW_SECONDS = 5.0, 60.0


def judge_disk(place: str, free: int) -> Finding:
    """`free` in bytes."""
    what = f"{free / MIB:,.0f} MiB free at {place}"
    if free < TOO_LITTLE:
        return problem("disk", what, "Free space now: a full disk stops the databases.")
    if free < LITTLE:
        return warning("disk", what, "Free space soon.")
    return ok("disk", what)


def skew(sent: float, told: float, received: float) -> float:
    """Seconds by which the other clock is surely ahead of ours (below 0: behind).

    It told whole seconds, at some time between our `sent` and `received`; all in seconds since the epoch.
    """
    if told > received:
        return told - received
    return min(0.0, told + 1 - sent)


def judge_clock(other: str, seconds: float) -> Finding:
    """`seconds` as `skew` gives them."""
    if abs(seconds) < SKEW_SECONDS:
        return ok("clock", f"agrees with that of {other}")
    what = f"the clock of {other} is {abs(seconds):,.0f} s {'ahead' if seconds > 0 else 'behind'}"
    remedy = "Set both by NTP: promises, retries and links to the public go by the clock."
    return (problem if abs(seconds) >= BAD_SKEW_SECONDS else warning)("clock", what, remedy)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A secret as it lies there. `mode` are its permission bits, None when it is no file of its own.

    `trouble` says why it cannot be used, None when it can.
    """

    name: str
    mode: int | None
    trouble: str | None = None


def judge_keys(keys: list[KeyFile]) -> Iterator[Finding]:
    """A finding for each that is unusable or open to others; one for all when there is none."""
    bad = [finding for each in keys for finding in _key(each)]
    yield from bad
    if keys and not bad:
        yield ok("keys", f"{len(keys)} present and for their owner's eyes only")


def _key(key: KeyFile) -> Iterator[Finding]:
    if key.trouble:
        yield problem("keys", f"{key.name}: {key.trouble}", "Restore it: what it sealed cannot be read without it.")
    elif key.mode is not None and key.mode & 0o077:
        yield problem("keys", f"{key.name} can be read by others (mode {key.mode:o})", f"chmod 600 {key.name}")
