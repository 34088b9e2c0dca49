"""Settings name the variable that is missing or wrong."""

from pathlib import Path

import pytest

from concord_bus.settings import SettingsError
from concord_intake.settings import Settings

ENV = {
    "CONCORD_BROKER_URL": "amqp://u:p@127.0.0.1:5672/v",
    "CONCORD_DATABASE_URL": "sqlite:////data/intake.db",
    "CONCORD_CITY": "city",
    "CONCORD_RECEIPT_KEY": "a" * 32 + "," + "b" * 32,
    "CONCORD_LINK_KEY": "l" * 32,
}


def test_settings_are_read_with_their_defaults() -> None:
    settings = Settings.from_env(ENV)
    assert (settings.http.host, settings.http.port, settings.access.operator_token) == ("127.0.0.1", 8080, None)
    assert settings.receipt_keys == (b"a" * 32, b"b" * 32)


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings.from_env(ENV | {"CONCORD_OPS_TOKEN": "secret-token"}))
    assert "aaaa" not in shown
    assert "secret-token" not in shown


def test_receipt_keys_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("c" * 40 + "\n" + "d" * 40 + "\n")
    env = {name: value for name, value in ENV.items() if name != "CONCORD_RECEIPT_KEY"}
    settings = Settings.from_env(env | {"CONCORD_RECEIPT_KEY_FILE": str(tmp_path / "keys")})
    assert settings.receipt_keys == (b"c" * 40, b"d" * 40)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"CONCORD_RECEIPT_KEY": ""}, "CONCORD_RECEIPT_KEY"),
        ({"CONCORD_RECEIPT_KEY": "short"}, "CONCORD_RECEIPT_KEY"),
        ({"CONCORD_LINK_KEY": ""}, "CONCORD_LINK_KEY"),
        ({"CONCORD_LINK_KEY": "short"}, "CONCORD_LINK_KEY"),
        ({"CONCORD_CITY": ""}, "CONCORD_CITY"),
        ({"CONCORD_HTTP_PORT": "http"}, "CONCORD_HTTP_PORT"),
        ({"CONCORD_DATABASE_URL": ""}, "CONCORD_DATABASE_URL"),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        Settings.from_env(ENV | changes)
