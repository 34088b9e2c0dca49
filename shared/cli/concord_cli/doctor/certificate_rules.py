"""Checks of certificates. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from concord_bus.domain.certificates import Certificate
from concord_cli.doctor.findings import Finding, ok, problem, warning

ABOUT = "certificates"


def check_certificates(certificates: Sequence[Certificate], now: datetime, days: int) -> Iterator[Finding]:
    """Yield a problem for each certificate that has ended, a warning from `days` before its end on."""
    faults = 0
    for certificate in certificates:
        if text := certificate.warning(now, days):
            faults += 1
            what, _, remedy = text.partition(": ")
            yield (problem if certificate.is_over(now) else warning)(ABOUT, what, f"{remedy[0].upper()}{remedy[1:]}.")
    if certificates and not faults:
        first = min(certificate.ends for certificate in certificates)
        yield ok(ABOUT, f"{len(certificates)} valid until {first:%Y-%m-%d} or longer")
