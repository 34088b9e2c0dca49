"""A certificate that ends soon, or has ended, is said in words; so is each fault of a file of certificates."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server

import pytest
from tests.certificates import Authority

from concord_bus.adapters.certificates import Server, Sources, broker_sources, database_sources
from concord_bus.adapters.sql.tls_faults import tls_fault
from concord_bus.certificate_watch import CertificateWatch
from concord_bus.domain.certificates import Certificate
from concord_bus.settings import BrokerAddress, BusSettings, SettingsError
from concord_http.tls import TlsFiles

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD = {"CONCORD_BROKER_URL": "amqps://intake:secret@broker/", "CONCORD_DATABASE_URL": "sqlite:///intake.db"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.mark.parametrize(
    ("left", "warning"),
    [
        (timedelta(days=22), None),
        (timedelta(days=21), "it ends in 21 days, on 2026-03-22: renew it before"),
        (timedelta(days=1, hours=1), "it ends in 1 day, on 2026-03-02: renew it before"),
        (timedelta(minutes=1), "it ends today, on 2026-03-01: renew it before"),
        (timedelta(), "it has ended on 2026-03-01: renew it now, or no connection can be made"),
        (timedelta(days=-9), "it has ended on 2026-02-20: renew it now, or no connection can be made"),
    ],
)
def test_the_warning_begins_days_before_the_end(left: timedelta, warning: str | None) -> None:
    assert Certificate("it", NOW + left).warning(NOW, 21) == warning


def test_the_watch_shows_what_its_last_look_found() -> None:
    found = [Certificate("it", NOW + timedelta(days=3))]
    watch = CertificateWatch(lambda: found, 21, lambda: NOW)
    assert not watch.warnings
    watch.look()
    assert list(watch.warnings) == ["it ends in 3 days, on 2026-03-04: renew it before"]
    found.clear()
    watch.look()
    assert not watch.warnings


@contextmanager
def tls_server(authority: Authority, days: float) -> Iterator[int]:
    """The TCP port of a server whose certificate ends in `days`."""
    issued = authority.issue("localhost", days=days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    with create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def serve() -> None:
            accepted, _ = listener.accept()
            with context.wrap_socket(accepted, server_side=True) as wrapped:
                wrapped.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


@pytest.mark.parametrize(("days", "over"), [(3, False), (-3, True)])
def test_the_end_of_a_certificate_is_read_from_the_server_that_shows_it_valid_or_not(
    authority: Authority, days: float, over: bool
) -> None:
    with tls_server(authority, days) as port:
        [certificate] = Sources((Server("127.0.0.1", port),)).certificates()
    assert certificate.name == f"the certificate of 127.0.0.1:{port}"
    assert certificate.is_over(datetime.now(UTC)) is over


def test_a_silent_server_and_a_missing_file_are_faults_of_other_checks(tmp_path: Path) -> None:
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert list(Sources((Server("127.0.0.1", port),), (("it", str(tmp_path / "none")),)).certificates()) == []


def test_certificates_in_files_are_read(authority: Authority) -> None:
    own = authority.issue("intake", days=5)
    address = BrokerAddress.parse("amqps://broker/", TlsFiles(authority.ca, own.certificate, own.key))
    found = list(Sources(files=broker_sources(address).files).certificates())
    assert [certificate.name for certificate in found] == [
        f"the CA certificate in {authority.ca}",
        f"our certificate in {own.certificate}",
    ]


def test_only_connections_with_tls_have_certificates() -> None:
    assert not broker_sources(BrokerAddress.parse("amqp://broker/"))
    assert not database_sources("sqlite:///intake.db")
    assert not database_sources("postgresql+psycopg2://db/intake")
    assert broker_sources(BrokerAddress.parse("amqps://broker/")).servers == (Server("broker", 5671),)
    full = database_sources("postgresql+psycopg2://db/intake?sslmode=verify-full&sslrootcert=/ca.pem")
    assert full == Sources((Server("db", 5432, postgres=True),), (("the CA certificate", "/ca.pem"),))


def test_settings_read_the_files(authority: Authority) -> None:
    own = authority.issue("intake")
    env = GOOD | {
        "CONCORD_BROKER_CA_FILE": authority.ca,
        "CONCORD_BROKER_CERTIFICATE_FILE": own.certificate,
        "CONCORD_BROKER_KEY_FILE": own.key,
    }
    settings = BusSettings.from_env(env)
    assert settings.broker.tls == TlsFiles(authority.ca, own.certificate, own.key)
    assert (settings.broker.port, settings.warning_days) == (5671, 21)
    assert repr(settings.broker) == "amqps://intake@broker:5671//"
    assert BusSettings.from_env(GOOD | {"CONCORD_BROKER_URL": "amqp://broker/"}).broker.tls is None


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"CA": "none"}, "CONCORD_BROKER_CA_FILE: none cannot be read: No such file or directory"),
        ({"CA": "{text}"}, "CONCORD_BROKER_CA_FILE: {text} holds no PEM certificate that can be used"),
        ({"CERTIFICATE": "{own}", "KEY": "{other}"}, "{own} has another key than CONCORD_BROKER_KEY_FILE"),
        ({"CERTIFICATE": "{own}"}, "CONCORD_BROKER_CERTIFICATE_FILE: {own} holds no PEM certificate"),
        ({"KEY": "{other}"}, "set CONCORD_BROKER_CERTIFICATE_FILE: a key needs its certificate"),
        ({"CERTIFICATE": "{own}", "KEY": "{sealed}"}, "CONCORD_BROKER_KEY_FILE: the key is encrypted"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_before_anything_starts(
    authority: Authority, tmp_path: Path, files: dict[str, str], words: str
) -> None:
    text, sealed = tmp_path / "text", tmp_path / "sealed"
    text.write_text("no certificate")
    sealed.write_bytes(_sealed())
    names = {
        "own": authority.issue("own").certificate,
        "other": authority.issue("other").key,
        "text": str(text),
        "sealed": str(sealed),
    }
    env = {f"CONCORD_BROKER_{part}_FILE": file.format(**names) for part, file in files.items()}
    with pytest.raises(SettingsError) as caught:
        BusSettings.from_env(GOOD | env)
    assert words.format(**names) in str(caught.value)


def _sealed() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"passphrase"),
    )


def test_what_libpq_says_of_other_faults_is_left_alone() -> None:
    assert tls_fault("connection refused") is None
