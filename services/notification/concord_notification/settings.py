"""Notification's settings from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from cryptography.fernet import MultiFernet

from concord_access.http_settings import HttpSettings
from concord_access.limit_settings import LOGINS, LimitSettings
from concord_access.settings import AccessSettings
from concord_bus.settings import BusSettings, SettingsError, required
from concord_contracts.errors import KeysMissing
from concord_contracts.feedback_links import FeedbackLinks
from concord_contracts.status_links import StatusLinks
from concord_notification.mail.address import mailbox
from concord_notification.mail.smtp_address import SmtpAddress
from concord_notification.mail.vault_keys import vault_keys
from concord_notification.webhooks.settings import WebhookSettings

DEFAULT_PORT = 8082
PUBLIC_URL = "http://127.0.0.1:8080"

Links = TypeVar("Links", FeedbackLinks, StatusLinks)


@dataclass(frozen=True, slots=True)
class Settings:
    """`mail_from` is the From header, such as `Boston <concord@example.org>`; `city` is the city folder.

    `desk_url` (CONCORD_DESK_URL) is the address of the officers' desk, if mails to teams may link to it. `public_url`
    (CONCORD_PUBLIC_URL) is the address of intake's pages for residents; `links` signs the links to
    questions about a resolution, `status_links` those to the page of a concern.
    """

    bus: BusSettings
    http: HttpSettings
    limits: LimitSettings
    access: AccessSettings
    city: Path
    smtp: SmtpAddress
    mail_from: str
    public_url: str
    desk_url: str | None
    links: FeedbackLinks = field(repr=False)
    status_links: StatusLinks = field(repr=False)
    vault_keys: MultiFernet = field(repr=False)
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings. Raises SettingsError naming the variable that is missing or wrong."""
        return cls(
            bus=BusSettings.from_env(env),
            http=HttpSettings.from_env(env, DEFAULT_PORT),
            limits=LimitSettings.from_env(env, LOGINS),
            access=AccessSettings.from_env(env),
            city=Path(required(env, "CONCORD_CITY")),
            smtp=SmtpAddress.parse(required(env, "CONCORD_SMTP_URL")),
            mail_from=_mail_from(required(env, "CONCORD_MAIL_FROM")),
            public_url=_url(env, "CONCORD_PUBLIC_URL", "https://concerns.city.example.org") or PUBLIC_URL,
            desk_url=_url(env, "CONCORD_DESK_URL", "https://desk.city.example.org"),
            links=_links(FeedbackLinks, env),
            status_links=_links(StatusLinks, env),
            vault_keys=vault_keys(env),
            webhooks=WebhookSettings.from_env(env),
        )


def _mail_from(value: str) -> str:
    address = parseaddr(value)[1]
    in_ascii = mailbox(address)
    if in_ascii and in_ascii != address and in_ascii.isascii():
        raise SettingsError(f"CONCORD_MAIL_FROM must have its domain in ASCII: {in_ascii}")
    if in_ascii != address or not address.isascii() or any(char in value for char in "\r\n"):
        raise SettingsError("CONCORD_MAIL_FROM must be an address such as Boston <concord@example.org>")
    return value


def _url(env: Mapping[str, str], variable: str, example: str) -> str | None:
    """Return the URL without a slash at its end, None for one that is not set. Raises SettingsError."""
    url = env.get(variable, "").strip()
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    plain = not (parts.query or parts.fragment or parts.username) and url.isascii() and url.isprintable()
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or " " in url:
        raise SettingsError(f"{variable} must be an address such as {example}")
    return url.rstrip("/")


def _links(kind: type[Links], env: Mapping[str, str]) -> Links:
    try:
        return kind.from_env(env)
    except KeysMissing as error:
        raise SettingsError(f"{error}: it signs the links in mails, and intake needs the same key") from error
