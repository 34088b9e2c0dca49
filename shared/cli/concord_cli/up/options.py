"""What was asked for on the command line, and what can be said about it before anything is started."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from concord_cli.common.errors import UsageError
from concord_cli.up.environment import BrokerPlace

SAMPLE = Path("deploy/sample/boston")
OUR_SENDER = "Concord <concord@example.org>"
LEAST_SECONDS = 240
RECORDS_A_SECOND = 20


@dataclass(frozen=True, slots=True)
class UpOptions:
    """`records` is None when nothing is to be imported; `broker` is None for a private node."""

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

    def seconds_for(self, records: int) -> float:
        """How long everything may take: as asked, else four minutes and a second for every 20 records."""
        return self.timeout or LEAST_SECONDS + records / RECORDS_A_SECOND


def checkout() -> Path:
    """The folder of the source checkout, as seen from this file."""
    return Path(__file__).resolve().parents[4]


def sample_city(root: Path) -> Path:
    """Raises UsageError when this is no checkout."""
    return _sample(root / SAMPLE / "city", "--city")


def sample_records(root: Path) -> Path:
    """Raises UsageError when this is no checkout."""
    return _sample(root / SAMPLE / "records.csv", "--records (or --no-import)")


def _sample(path: Path, option: str) -> Path:
    if not path.exists():
        raise UsageError(f"The sample is not there ({path}): give {option}, or run from a source checkout.")
    return path


def broker_place(url: str) -> BrokerPlace:
    """From `amqp://host:port/vhost`; a login in it is not used, each service has its own. Raises UsageError."""
    parts, port = _parts(url, "amqp", "--broker must look like amqp://host:5672/vhost")
    return BrokerPlace(parts.hostname or "", port or 5672, unquote(parts.path[1:]) or "/")


def check_management(url: str) -> None:
    """Raises UsageError unless it looks like a management API's address."""
    _parts(url, "http", "--management must look like http://user:password@host:15672")


def _parts(url: str, scheme: str, problem: str) -> tuple:  # type: ignore[type-arg]
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise UsageError(problem) from None
    if parts.scheme != scheme or not parts.hostname:
        raise UsageError(problem)
    return parts, port
