"""Options of one run of `concord up`, and their validation before anything starts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from concord_bus.settings import PORTS, BrokerAddress
from concord_cli.common.broker_target import broker_tls
from concord_cli.common.errors import UsageError
from concord_http.address import ascii_host

SAMPLE = Path("deploy/sample/boston")
DEFAULT_SENDER = "Concord <concord@example.org>"
MIN_TIMEOUT_SECONDS = 240
RECORDS_PER_SECOND = 20


@dataclass(frozen=True, slots=True)
class UpOptions:
    """`records` is None for a run without an import; `broker` is None for a private broker.

    `columns` is a file with the mapping of the records, `ready` the name of a ready one.
    """

    home: Path
    city: Path
    records: Path | None
    as_new: bool
    once: bool
    as_json: bool
    broker: str | None
    management: str | None
    database: str | None
    ports: Mapping[str, int]
    port_base: int | None
    smtp: str | None
    mail_from: str | None
    timeout: float | None
    columns: Path | None = None
    ready: str | None = None

    def timeout_for(self, records: int) -> float:
        """Return seconds: the option, else four minutes and a second for every 20 records."""
        return self.timeout or MIN_TIMEOUT_SECONDS + records / RECORDS_PER_SECOND


def sample_city(checkout: Path) -> Path:
    """Return the sample's city folder. Raises UsageError without a source checkout."""
    return _sample(checkout / SAMPLE / "city", "--city")


def sample_records(checkout: Path) -> Path:
    """Return the sample's records. Raises UsageError without a source checkout."""
    return _sample(checkout / SAMPLE / "records.csv", "--records (or --no-import)")


def _sample(path: Path, option: str) -> Path:
    if not path.exists():
        raise UsageError(f"No sample at {path}: set {option}, or run from a source checkout.")
    return path


def broker_address(url: str) -> BrokerAddress:
    """Return the broker at `amqp://host:port/vhost` or `amqps://`. It ignores a login, as each service has its own.

    Raises UsageError.
    """
    parts, host, port = _split(url, PORTS, "--broker must look like amqp://host:5672/vhost, or amqps:// with TLS")
    tls = broker_tls() if parts.scheme == "amqps" else None
    vhost = unquote(parts.path[1:]) or "/"
    return BrokerAddress(host, port or PORTS[parts.scheme], "", "", vhost, tls)


def check_management(url: str) -> None:
    """Raises UsageError for a text that is not the URL of a management API."""
    _split(url, ("http", "https"), "--management must look like http://user:password@host:15672, or https:// with TLS")


def _split(url: str, schemes: Collection[str], problem: str) -> tuple[SplitResult, str, int | None]:
    """Return the parts of the URL, its host in ASCII and its TCP port. Raises UsageError."""
    try:
        parts = urlsplit(url)
        host, port = ascii_host(parts.hostname or ""), parts.port
    except ValueError:
        raise UsageError(problem) from None
    if parts.scheme not in schemes:
        raise UsageError(problem)
    return parts, host, port
