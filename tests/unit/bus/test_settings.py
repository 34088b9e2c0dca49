"""Settings that are missing or wrong are named, with what they should look like, and without their secrets."""

from pathlib import Path

import pytest

from concord_bus.settings import BrokerAddress, BusSettings, SettingsError, int_setting, required
from concord_contracts.encryption import new_key

GOOD = {
    "CONCORD_BROKER_URL": "amqp://intake:p%40ss@broker.example.org:5673/concord%2Fone",
    "CONCORD_DATABASE_URL": "sqlite:////var/lib/concord/intake.db",
}


def test_a_whole_address_is_read() -> None:
    address = BrokerAddress.parse(GOOD["CONCORD_BROKER_URL"])
    assert (address.host, address.port) == ("broker.example.org", 5673)
    assert (address.user, address.password, address.vhost) == ("intake", "p@ss", "concord/one")


def test_a_short_address_has_the_usual_rest() -> None:
    address = BrokerAddress.parse("amqp://localhost")
    assert (address.port, address.user, address.password, address.vhost) == (5672, "guest", "guest", "/")


def test_an_address_is_never_printed_with_its_password() -> None:
    address = BrokerAddress.parse(GOOD["CONCORD_BROKER_URL"])
    assert "p@ss" not in f"{address!r} {address}"
    assert "p@ss" not in repr(BusSettings.from_env(GOOD))


@pytest.mark.parametrize(
    "url", ["", "http://broker", "amqp://", "broker:5672", "amqpss://broker", "amqp://[::1", "amqp://[x]"]
)
def test_what_is_no_broker_address_is_said(url: str) -> None:
    with pytest.raises(SettingsError, match="CONCORD_BROKER_URL"):
        BusSettings.from_env(GOOD | {"CONCORD_BROKER_URL": url})


def test_a_host_is_in_ascii_by_idna_2008() -> None:
    assert BrokerAddress.parse("amqp://straße.example/").host == "xn--strae-oqa.example"


def test_an_ipv6_address_has_its_brackets() -> None:
    address = BrokerAddress.parse("amqp://ada:secret@[::1]:5673/city")
    assert (address.host, address.port, address.authority) == ("::1", 5673, "[::1]:5673")
    assert repr(address) == "amqp://ada@[::1]:5673/city"


def test_a_port_that_is_none_is_said() -> None:
    with pytest.raises(SettingsError, match="CONCORD_BROKER_URL"):
        BrokerAddress.parse("amqp://broker:port/")


@pytest.mark.parametrize("url", ["file.db", "mysql://host/name", "postgresql+psycopg2://[::1", "sqlite+aiosqlite://"])
def test_what_is_no_database_is_said(url: str) -> None:
    with pytest.raises(SettingsError, match="CONCORD_DATABASE_URL must look like sqlite:////folder/file"):
        BusSettings.from_env(GOOD | {"CONCORD_DATABASE_URL": url})


def test_a_database_at_an_ipv6_address() -> None:
    url = "postgresql+psycopg2://ada:secret@[::1]:5432/intake"
    assert BusSettings.from_env(GOOD | {"CONCORD_DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=f"set {name}"):
        BusSettings.from_env({key: value for key, value in GOOD.items() if key != name})


def test_defaults() -> None:
    settings = BusSettings.from_env(GOOD)
    assert (settings.batch, settings.wait_seconds) == (800, 0.05)
    assert settings.parked_retention_seconds == 30 * 86400
    assert settings.schema_url.startswith("https://")


def test_a_setting_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text(f"{GOOD['CONCORD_BROKER_URL']}\n")
    given = {**GOOD, "CONCORD_BROKER_URL": "", "CONCORD_BROKER_URL_FILE": str(secret)}
    assert BusSettings.from_env(given).broker.password == "p@ss"


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="WORD_FILE cannot be read: No such file"):
        required({"WORD_FILE": str(tmp_path / "none")}, "WORD")


def test_an_empty_file_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(SettingsError, match="set WORD"):
        required({"WORD_FILE": str(tmp_path / "empty")}, "WORD")


@pytest.mark.parametrize("given", ["0", "-1", "1.5", "many", "1e3"])
def test_a_batch_is_a_whole_number_from_one(given: str) -> None:
    with pytest.raises(SettingsError, match="CONCORD_BATCH must be a whole number, 1 or more"):
        BusSettings.from_env(GOOD | {"CONCORD_BATCH": given})


@pytest.mark.parametrize("given", ["0", "-1", "0.5", "forever"])
def test_the_retention_of_parked_messages_is_a_whole_number_of_days(given: str) -> None:
    settings = BusSettings.from_env(GOOD | {"CONCORD_PARKED_RETENTION_DAYS": "90"})
    assert settings.parked_retention_seconds == 90 * 86400
    with pytest.raises(SettingsError, match="CONCORD_PARKED_RETENTION_DAYS must be a whole number, 1 or more"):
        BusSettings.from_env(GOOD | {"CONCORD_PARKED_RETENTION_DAYS": given})


def test_whole_numbers() -> None:
    assert int_setting({"N": " 7 "}, "N", 3, minimum=0) == 7
    assert int_setting({"N": ""}, "N", 3, minimum=0) == 3
    assert int_setting({}, "N", 3, minimum=0) == 3


def test_unusable_keys_are_a_setting_that_is_wrong() -> None:
    with pytest.raises(SettingsError, match="CONCORD_KEYS_ROUTING"):
        BusSettings.from_env(GOOD | {"CONCORD_KEYS_ROUTING": "no key"})
    settings = BusSettings.from_env(GOOD | {"CONCORD_KEYS_ROUTING": new_key()})
    assert settings.keyrings.open("routing", settings.keyrings.seal("routing", b"x")) == b"x"


def test_a_service_migrates_unless_it_is_to_wait() -> None:
    assert not BusSettings.from_env(GOOD).waits_for_schema
    assert BusSettings.from_env(GOOD | {"CONCORD_MIGRATIONS": "wait"}).waits_for_schema
    with pytest.raises(SettingsError, match="CONCORD_MIGRATIONS must be run or wait"):
        BusSettings.from_env(GOOD | {"CONCORD_MIGRATIONS": "never"})
