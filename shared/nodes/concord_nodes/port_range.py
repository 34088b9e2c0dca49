"""The range of ports for listeners.

The system gives ports of its ephemeral range to outgoing connections of every program. A listener that starts later
can find such a port in use, so listeners get ports outside that range.
"""

from pathlib import Path

EPHEMERAL_FILE = Path("/proc/sys/net/ipv4/ip_local_port_range")
USUAL_EPHEMERAL = (32768, 60999)
PREFERRED = range(20000, 30000)
UNPRIVILEGED = range(1024, 65536)
"""Ports below 1024 need a privilege."""
ENOUGH = 500
"""A smaller range would leave too few ports for test runs side by side."""


def candidates(ephemeral: tuple[int, int]) -> range:
    """Return the ports for listeners; `ephemeral` is the first and last port of the ephemeral range.

    PREFERRED comes first, then ports just below the ephemeral range, then ports just above it. When the ephemeral range
    covers nearly all ports, the function returns PREFERRED. A listener that loses its port then tries another.
    """
    low, high = ephemeral
    if high < PREFERRED.start or low >= PREFERRED.stop:
        return PREFERRED
    below = range(max(UNPRIVILEGED.start, low - len(PREFERRED)), low)
    above = range(high + 1, min(UNPRIVILEGED.stop, high + 1 + len(PREFERRED)))
    return next((ports for ports in (below, above) if len(ports) >= ENOUGH), PREFERRED)


def ephemeral_range(file: Path = EPHEMERAL_FILE) -> tuple[int, int]:
    """Return the first and last port for outgoing connections; Linux's usual ones when the file is unreadable."""
    try:
        low, high = (int(number) for number in file.read_text().split())
    except (OSError, ValueError):
        return USUAL_EPHEMERAL
    return low, high
