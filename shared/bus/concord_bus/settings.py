"""Settings that every service reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from concord_contracts.codec import DEFAULT_SCHEMA_URL
from concord_contracts.encryption import Keyrings
from concord_contracts.errors import KeysMissing
from concord_http.address import ascii_host, bracketed
from concord_http.tls import TlsFileError, TlsFiles

DAY_SECONDS = 24 * 3600.0
DEFAULT_BATCH = 800
"""Messages that a consumer handles in one transaction, unless CONCORD_BATCH says otherwise."""
WARNING_DAYS = 21
"""Days before the end of a certificate from which Concord warns of it."""
PORTS = {"amqp": 5672, "amqps": 5671}

DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg2")
DATABASE_EXAMPLES = "sqlite:////folder/file.db or postgresql+psycopg2://user:password@host:5432/name"


class SettingsError(ValueError):
    """A setting is missing or invalid. Remedy: set the variable that the text names."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """The broker's address and login. Its text hides the password. `tls` is None for a connection without TLS."""

    host: str
    port: int
    user: str
    password: str
    vhost: str
    tls: TlsFiles | None = None

    @classmethod
    def parse(cls, url: str, tls: TlsFiles | None = None) -> "BrokerAddress":
        """Parse `amqp://user:password@host:port/vhost`, or `amqps://` with the certificates `tls`.

        Raises SettingsError.
        """
        try:
            parts = urlsplit(url)
            host, port = ascii_host(parts.hostname or ""), parts.port or PORTS.get(parts.scheme, 0)
        except ValueError:
            parts, host, port = urlsplit(""), "", 0
        if parts.scheme not in PORTS or not port:
            raise SettingsError(
                "CONCORD_BROKER_URL must look like amqp://user:password@host:5672/vhost, or amqps:// with TLS"
            )
        vhost = unquote(parts.path[1:]) or "/"
        user, password = unquote(parts.username or "guest"), unquote(parts.password or "guest")
        files = (tls or TlsFiles()) if parts.scheme == "amqps" else None
        return cls(host, port, user, password, vhost, files)

    @property
    def scheme(self) -> str:
        return "amqp" if self.tls is None else "amqps"

    @property
    def authority(self) -> str:
        """Host and port, an IPv6 address in brackets."""
        return f"{bracketed(self.host)}:{self.port}"

    def __repr__(self) -> str:
        return f"{self.scheme}://{self.user}@{self.authority}/{self.vhost}"


@dataclass(frozen=True, slots=True)
class BusSettings:
    """The settings of the bus: broker, database, keys, and the URL of the JSON Schemas.

    The consumer waits at most `wait_seconds` for a batch of at most `batch` messages. A parked message stays for
    `parked_retention_seconds` after its replay or drop. `warning_days` before its end a certificate gets a warning.
    With `waits_for_schema` the service never migrates: it waits until another process has.
    """

    broker: BrokerAddress
    database_url: str
    keyrings: Keyrings
    schema_url: str
    batch: int
    wait_seconds: float
    parked_retention_seconds: float
    warning_days: int = WARNING_DAYS
    waits_for_schema: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "BusSettings":
        """Read the settings from `env`. Raises SettingsError with the name of the missing or invalid variable."""
        try:
            keyrings = Keyrings.from_env(env)
        except KeysMissing as error:
            raise SettingsError(str(error)) from error
        return cls(
            broker=BrokerAddress.parse(required(env, "CONCORD_BROKER_URL"), tls_files(env)),
            database_url=_database_url(env),
            keyrings=keyrings,
            schema_url=env.get("CONCORD_SCHEMA_URL", DEFAULT_SCHEMA_URL),
            batch=int_setting(env, "CONCORD_BATCH", DEFAULT_BATCH, minimum=1),
            wait_seconds=int_setting(env, "CONCORD_BATCH_WAIT_MS", 50, minimum=0) / 1000,
            parked_retention_seconds=int_setting(env, "CONCORD_PARKED_RETENTION_DAYS", 30, minimum=1) * DAY_SECONDS,
            warning_days=warning_days(env),
            waits_for_schema=_waits_for_schema(env),
        )


def _database_url(env: Mapping[str, str]) -> str:
    """Return the URL of the database. Raises SettingsError for another kind of database."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    url = required(env, "CONCORD_DATABASE_URL")
    try:
        driver = make_url(url).drivername
    except (ArgumentError, ValueError):  # the latter for half a bracket, or a port that is no number
        driver = ""
    if driver not in DRIVERS:
        raise SettingsError(f"CONCORD_DATABASE_URL must look like {DATABASE_EXAMPLES}")
    return url


def _waits_for_schema(env: Mapping[str, str]) -> bool:
    value = env.get("CONCORD_MIGRATIONS", "").strip() or "run"
    if value not in ("run", "wait"):
        raise SettingsError("CONCORD_MIGRATIONS must be run or wait")
    return value == "wait"


def tls_files(env: Mapping[str, str]) -> TlsFiles:
    """Return the files of certificates for the broker. Raises SettingsError for one that cannot be used."""
    try:
        return TlsFiles.from_env(env)
    except TlsFileError as error:
        raise SettingsError(str(error)) from error


def warning_days(env: Mapping[str, str]) -> int:
    """Return CONCORD_CERTIFICATE_WARNING_DAYS. Raises SettingsError."""
    return int_setting(env, "CONCORD_CERTIFICATE_WARNING_DAYS", WARNING_DAYS, minimum=1)


def required(env: Mapping[str, str], name: str) -> str:
    """Return the value of `name`, or the content of the file that `name`_FILE names. Raises SettingsError."""
    value = optional(env, name)
    if value is None:
        raise SettingsError(f"set {name}")
    return value


def optional(env: Mapping[str, str], name: str) -> str | None:
    """Return the value as `required` does, or None for a missing one. Raises SettingsError for an unreadable file."""
    value = env.get(name, "").strip()
    if not value and env.get(f"{name}_FILE"):
        try:
            with open(env[f"{name}_FILE"], encoding="utf-8") as file:
                value = file.read().strip()
        except OSError as error:
            raise SettingsError(f"{name}_FILE cannot be read: {error.strerror}") from error
    return value or None


def int_setting(env: Mapping[str, str], name: str, default: int, *, minimum: int) -> int:
    """Return the whole number in `name`, or `default`. Raises SettingsError below `minimum`."""
    value = env.get(name, "").strip()
    if not value:
        return default
    if not value.isdecimal() or int(value) < minimum:
        raise SettingsError(f"{name} must be a whole number, {minimum} or more")
    return int(value)
