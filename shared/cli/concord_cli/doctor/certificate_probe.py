"""Reads of the certificates that the examined connections use."""

from collections.abc import Iterator
from datetime import datetime

from concord_bus.adapters.certificates import Sources, broker_sources, database_sources, server_sources
from concord_cli.doctor.certificate_rules import check_certificates
from concord_cli.doctor.findings import Finding
from concord_cli.doctor.targets import Targets
from concord_http.rabbitmq_management import management_address


def examine_certificates(targets: Targets, now: datetime, days: int) -> Iterator[Finding]:
    """Yield findings about every certificate of broker, management API and databases; none without TLS."""
    sources = Sources()
    if targets.management:
        server = management_address(targets.management)
        if server.scheme == "https":
            sources += server_sources(server.host, server.port, targets.tls)
    for login in targets.logins:
        sources += broker_sources(login)
    for url in targets.databases.values():
        sources += database_sources(url)
    yield from check_certificates(list(sources.certificates()), now, days)
