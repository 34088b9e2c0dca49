"""Checks of this machine: disk space, clocks and key files. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from concord_cli.doctor.findings import Finding, ok, problem, warning

MIB = 2**20
DISK_WARNING_BYTES, DISK_PROBLEM_BYTES = 1024 * MIB, 256 * MIB
SKEW_WARNING_SECONDS, SKEW_PROBLEM_SECONDS = 5.0, 60.0


def check_disk(folder: str, free: int) -> Finding:
    """Check `free` bytes."""
    what = f"{free / MIB:,.0f} MiB free at {folder}"
    if free < DISK_PROBLEM_BYTES:
        return problem("disk", what, "Free space now: a full disk stops the databases.")
    if free < DISK_WARNING_BYTES:
        return warning("disk", what, "Free space soon.")
    return ok("disk", what)


def skew(sent: float, reported: float, received: float) -> float:
    """Return the seconds by which the other clock is certainly ahead of ours; negative if it is behind.

    The other clock reported whole seconds between our times `sent` and `received`, all in seconds since the epoch.
    """
    if reported > received:
        return reported - received
    return min(0.0, reported + 1 - sent)


def check_clock(other: str, seconds: float) -> Finding:
    """Check the result of `skew`."""
    if abs(seconds) < SKEW_WARNING_SECONDS:
        return ok("clock", f"agrees with that of {other}")
    what = f"the clock of {other} is {abs(seconds):,.0f} s {'ahead' if seconds > 0 else 'behind'}"
    remedy = "Synchronise both with NTP: promises, retries and public links depend on the time."
    return (problem if abs(seconds) >= SKEW_PROBLEM_SECONDS else warning)("clock", what, remedy)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A secret. `mode` are the permission bits of its file, None for one in a variable.

    `fault` says why the secret is unusable, None if it is usable.
    """

    name: str
    mode: int | None
    fault: str | None = None


def check_keys(keys: list[KeyFile]) -> Iterator[Finding]:
    """Yield a finding for each unusable or readable key, or one for all without such a key."""
    faults = [finding for key in keys for finding in _key(key)]
    yield from faults
    if keys and not faults:
        yield ok("keys", f"{len(keys)} present, readable only by their owner")


def _key(key: KeyFile) -> Iterator[Finding]:
    if key.fault:
        yield problem("keys", f"{key.name}: {key.fault}", "Restore it: its data are unreadable without it.")
    elif key.mode is not None and key.mode & 0o077:
        yield problem("keys", f"{key.name} can be read by others (mode {key.mode:o})", f"chmod 600 {key.name}")
