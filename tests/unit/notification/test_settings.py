"""Settings name the variable that is missing or wrong, and never print a secret."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from concord_bus.settings import SettingsError
from concord_notification.mail.smtp_address import SmtpAddress
from concord_notification.settings import Settings


def environment(**changes: str | None) -> dict[str, str]:
    env = {
        "CONCORD_BROKER_URL": "amqp://notification:secret@127.0.0.1:5672/",
        "CONCORD_DATABASE_URL": "sqlite:////nowhere/notification.db",
        "CONCORD_CITY": "/nowhere/city",
        "CONCORD_SMTP_URL": "smtp://127.0.0.1:1025",
        "CONCORD_MAIL_FROM": "Boston <concord@example.org>",
        "CONCORD_VAULT_KEYS": Fernet.generate_key().decode(),
        "CONCORD_LINK_KEY": "link-key-" * 4,
        "CONCORD_OPS_TOKEN": "operators-secret",
    }
    return {name: value for name, value in (env | changes).items() if value is not None}


def test_defaults() -> None:
    settings = Settings.from_env(environment())
    assert (settings.http.host, settings.http.port) == ("127.0.0.1", 8082)
    assert settings.city == Path("/nowhere/city")
    assert settings.mail_from == "Boston <concord@example.org>"
    assert settings.public_url == "http://127.0.0.1:8080"


def test_where_residents_find_the_pages() -> None:
    settings = Settings.from_env(environment(CONCORD_PUBLIC_URL="https://concerns.example.org/boston/"))
    assert settings.public_url == "https://concerns.example.org/boston"


def test_where_officers_find_the_desk() -> None:
    assert Settings.from_env(environment()).desk_url is None
    url = "https://desk.example.org/boston/"
    assert Settings.from_env(environment(CONCORD_DESK_URL=url)).desk_url == "https://desk.example.org/boston"
    with pytest.raises(SettingsError, match="CONCORD_DESK_URL must be an address"):
        Settings.from_env(environment(CONCORD_DESK_URL="desk.example.org"))


def test_nothing_secret_is_printed() -> None:
    url = "smtps://user:password-of-mail@mail.example.org"
    printed = repr(Settings.from_env(environment(CONCORD_SMTP_URL=url)))
    assert "password-of-mail" not in printed
    assert "operators-secret" not in printed
    assert "link-key" not in printed
    assert "Fernet" not in printed.replace("Keyrings", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((each, None) for each in ("CONCORD_CITY", "CONCORD_SMTP_URL", "CONCORD_MAIL_FROM", "CONCORD_VAULT_KEYS")),
        ("CONCORD_SMTP_URL", "http://mail.example.org"),
        ("CONCORD_SMTP_URL", "smtp://"),
        ("CONCORD_SMTP_URL", "smtp://mail.example.org:port"),
        ("CONCORD_SMTP_URL", "smtp://i❤.example"),
        ("CONCORD_SMTP_URL", "smtp://mail.example.org/path"),
        ("CONCORD_MAIL_FROM", "Boston"),
        ("CONCORD_MAIL_FROM", "Stadt <stadt@straße.example>"),
        ("CONCORD_MAIL_FROM", "a@example.org\r\nBcc: b@example.org"),
        ("CONCORD_VAULT_KEYS", "no-key"),
        ("CONCORD_HTTP_PORT", "eighty"),
        ("CONCORD_LINK_KEY", None),
        ("CONCORD_LINK_KEY", "short"),
        *(("CONCORD_PUBLIC_URL", each) for each in ("concerns.example.org", "ftp://x", "https://x/?a", "https://x/ y")),
    ],
)
def test_what_is_missing_or_wrong_is_named(name: str, value: str | None) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env(environment(**{name: value}))


def test_keys_from_a_file(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"{Fernet.generate_key().decode()}\n{Fernet.generate_key().decode()}\n")
    Settings.from_env(environment(CONCORD_VAULT_KEYS=None, CONCORD_VAULT_KEYS_FILE=str(keys)))
    with pytest.raises(SettingsError, match="CONCORD_VAULT_KEYS_FILE"):
        Settings.from_env(environment(CONCORD_VAULT_KEYS=None, CONCORD_VAULT_KEYS_FILE=str(tmp_path / "none")))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("smtp://mail.example.org", SmtpAddress("mail.example.org", 25)),
        ("smtp://u%40x:p%3Aw@mail.example.org", SmtpAddress("mail.example.org", 587, False, "u@x", "p:w")),
        ("smtps://u:p@mail.example.org/", SmtpAddress("mail.example.org", 465, True, "u", "p")),
        ("smtp://straße.example", SmtpAddress("xn--strae-oqa.example", 25)),
        ("smtp://[::1]:1025", SmtpAddress("::1", 1025)),
    ],
)
def test_mail_server(url: str, address: SmtpAddress) -> None:
    assert SmtpAddress.parse(url) == address


@pytest.mark.parametrize("url", ["smtp://[::1", "smtp://[x]:25"])
def test_a_mail_server_with_half_a_bracket_is_named(url: str) -> None:
    with pytest.raises(SettingsError, match="CONCORD_SMTP_URL must look like"):
        SmtpAddress.parse(url)
    with pytest.raises(SettingsError, match="CONCORD_PUBLIC_URL must be an address"):
        Settings.from_env(environment(CONCORD_PUBLIC_URL=url.replace("smtp", "http")))


def test_loopback() -> None:
    assert SmtpAddress.parse("smtp://localhost:25").loopback
    assert not SmtpAddress.parse("smtp://mail.example.org").loopback
