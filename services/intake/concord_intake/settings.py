"""Intake's settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from concord_access.http_settings import HttpSettings, cors_origins
from concord_access.limit_settings import LOGINS, RECEIPTS, REPORTS, LimitSettings
from concord_access.settings import AccessSettings
from concord_bus.settings import BusSettings, SettingsError, required
from concord_contracts.errors import KeysMissing
from concord_contracts.feedback_links import FeedbackLinks
from concord_contracts.status_links import StatusLinks

MIN_KEY_LENGTH = 32
DEFAULT_PORT = 8080

L = TypeVar("L")


@dataclass(frozen=True, slots=True)
class Settings:
    """Intake's settings from the environment.

    `receipt_keys` (CONCORD_RECEIPT_KEY, or lines of the file CONCORD_RECEIPT_KEY_FILE) are secrets of 32 or more
    characters, newest first. To rotate, add a new key in front and remove the old one a day later. By then a worker has
    put the receipts under the new key, a million in 17 minutes. `links` and `status_links` read the links that
    notification signs with the same key (CONCORD_LINK_KEY). Remove an old link key 30 days later.
    Pages of the sites in CONCORD_HTTP_CORS_ORIGINS may use the routes for residents.
    """

    bus: BusSettings
    city: Path
    receipt_keys: tuple[bytes, ...] = field(repr=False)
    http: HttpSettings
    limits: LimitSettings
    access: AccessSettings
    links: FeedbackLinks = field(repr=False)
    status_links: StatusLinks = field(repr=False)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings. Raises SettingsError, which names the missing or wrong variable."""
        return cls(
            bus=BusSettings.from_env(env),
            city=Path(required(env, "CONCORD_CITY")),
            receipt_keys=_receipt_keys(env),
            http=replace(HttpSettings.from_env(env, DEFAULT_PORT), cors_origins=cors_origins(env)),
            limits=LimitSettings.from_env(env, LOGINS, RECEIPTS, REPORTS),
            access=AccessSettings.from_env(env),
            links=_links(env, FeedbackLinks.from_env),
            status_links=_links(env, StatusLinks.from_env),
        )


def _links(env: Mapping[str, str], read: Callable[[Mapping[str, str]], L]) -> L:
    try:
        return read(env)
    except KeysMissing as error:
        raise SettingsError(f"{error}: it signs the links in mails; notification needs the same key") from error


def _receipt_keys(env: Mapping[str, str]) -> tuple[bytes, ...]:
    keys = required(env, "CONCORD_RECEIPT_KEY").replace(",", " ").split()
    if any(len(key) < MIN_KEY_LENGTH for key in keys):
        raise SettingsError(f"CONCORD_RECEIPT_KEY must have {MIN_KEY_LENGTH} or more random characters")
    return tuple(key.encode() for key in keys)
