"""Looks now and then at the certificates of a service's connections, and warns before one ends."""

from collections.abc import Callable, Iterable

import structlog

from concord_bus.domain.certificates import Certificate
from concord_bus.ports import Clock

log = structlog.get_logger("concord.certificates")


class CertificateWatch:
    """`warnings` are sentences about the certificates of the last look that end soon or have ended."""

    def __init__(self, read: Callable[[], Iterable[Certificate]], days: int, clock: Clock) -> None:
        """`read` returns the certificates; a warning begins `days` before an end."""
        self._read = read
        self._days = days
        self._clock = clock
        self.warnings: tuple[str, ...] = ()

    def look(self) -> None:
        """Read the certificates anew, and log each warning once a day, because its text then changes."""
        now, before = self._clock(), self.warnings
        found = (certificate.warning(now, self._days) for certificate in self._read())
        self.warnings = tuple(text for text in found if text)
        for text in self.warnings:
            if text not in before:
                log.warning("a certificate ends", about=text)
