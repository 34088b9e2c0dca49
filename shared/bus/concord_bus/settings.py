"""Settings that every service reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from concord_contracts.codec import DEFAULT_SCHEMA_URL
from concord_contracts.encryption import Keyrings
from concord_contracts.errors import KeysMissing

DAY_SECONDS = 24 * 3600.0
DEFAULT_BATCH = 800
"""Messages that a consumer handles in one transaction, unless CONCORD_BATCH says otherwise."""


class SettingsError(ValueError):
    """A setting is missing or invalid. Remedy: set the variable that the text names."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """The broker's address and login. Its text hides the password."""

    host: str
    port: int
    user: str
    password: str
    vhost: str

    @classmethod
    def parse(cls, url: str) -> "BrokerAddress":
        """Parse `amqp://user:password@host:port/vhost`. Raises SettingsError."""
        parts = urlsplit(url)
        try:
            port = parts.port or 5672
        except ValueError:
            port = 0
        if parts.scheme != "amqp" or not parts.hostname or not port:
            raise SettingsError("CONCORD_BROKER_URL must look like amqp://user:password@host:5672/vhost")
        vhost = unquote(parts.path[1:]) or "/"
        user, password = unquote(parts.username or "guest"), unquote(parts.password or "guest")
        return cls(parts.hostname, port, user, password, vhost)

    def __repr__(self) -> str:
        return f"amqp://{self.user}@{self.host}:{self.port}/{self.vhost}"


@dataclass(frozen=True, slots=True)
class BusSettings:
    """The settings of the bus: broker, database, keys, and the URL of the JSON Schemas.

    The consumer waits at most `wait_seconds` for a batch of at most `batch` messages. A parked message stays for
    `parked_retention_seconds` after its replay or drop.
    """

    broker: BrokerAddress
    database_url: str
    keyrings: Keyrings
    schema_url: str
    batch: int
    wait_seconds: float
    parked_retention_seconds: float

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "BusSettings":
        """Read the settings from `env`. Raises SettingsError with the name of the missing or invalid variable."""
        try:
            keyrings = Keyrings.from_env(env)
        except KeysMissing as error:
            raise SettingsError(str(error)) from error
        return cls(
            broker=BrokerAddress.parse(required(env, "CONCORD_BROKER_URL")),
            database_url=required(env, "CONCORD_DATABASE_URL"),
            keyrings=keyrings,
            schema_url=env.get("CONCORD_SCHEMA_URL", DEFAULT_SCHEMA_URL),
            batch=int_setting(env, "CONCORD_BATCH", DEFAULT_BATCH, minimum=1),
            wait_seconds=int_setting(env, "CONCORD_BATCH_WAIT_MS", 50, minimum=0) / 1000,
            parked_retention_seconds=int_setting(env, "CONCORD_PARKED_RETENTION_DAYS", 30, minimum=1) * DAY_SECONDS,
        )


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
