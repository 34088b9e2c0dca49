"""PostgreSQL with sslmode=verify-full: a fault of TLS is said in one sentence, by the service and by doctor."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.certificates import Authority

from concord_bus.adapters.certificates import database_sources
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate_subprocess import upgrade_in_subprocess
from concord_bus.domain.errors import DatabaseUnavailable
from concord_cli.doctor.database_probe import examine_database
from concord_nodes import PostgresNode


def with_tls(url: str, ca: str) -> str:
    return f"{url}?sslmode=verify-full&sslrootcert={ca}"


def reason_of(url: str) -> str:
    database = Database(url, lambda connection: None)
    try:
        with pytest.raises(DatabaseUnavailable) as caught, database.read():
            pass
    finally:
        database.dispose()
    return caught.value.problem


def test_a_service_uses_it_and_reads_the_end_of_the_certificate(tls_database: str, authority: Authority) -> None:
    url = with_tls(tls_database, authority.ca)
    upgrade_in_subprocess(url, "concord_intake")
    assert examine_database("intake", url).what.startswith("schema")
    server, ca = list(database_sources(url).certificates())
    assert server.name.startswith("the certificate of localhost:")
    assert (server.ends - datetime.now(UTC)).days == 9
    assert ca.name == f"the CA certificate in {authority.ca}"


def test_a_server_of_another_ca(tls_database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    other = Authority(tmp_path, "other")
    url = with_tls(tls_database, other.ca)
    words = "no CA in sslrootcert issued its certificate"
    assert words in reason_of(url)
    assert words in examine_database("intake", url).what
    with pytest.raises(DatabaseUnavailable):
        upgrade_in_subprocess(url, "concord_intake")
    assert words in capfd.readouterr().out


def test_a_certificate_for_another_name(tls_database: str, authority: Authority) -> None:
    url = with_tls(tls_database, authority.ca).replace("localhost", "127.0.0.1")
    assert "its certificate is for localhost, not for 127.0.0.1" in reason_of(url)


def test_a_server_without_tls(postgres: PostgresNode, postgres_url: str, authority: Authority) -> None:
    assert "it speaks no TLS" in reason_of(with_tls(postgres_url, authority.ca))


def test_a_ca_file_that_is_not_there(tls_database: str) -> None:
    assert "sslrootcert /none.pem does not exist" in reason_of(with_tls(tls_database, "/none.pem"))


def test_a_server_that_takes_tls_only(tls_postgres: PostgresNode, tls_database: str) -> None:
    rules = tls_postgres.folder / "data" / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(before.replace("host ", "hostssl "))
    try:
        tls_postgres.execute("SELECT pg_reload_conf()")
        assert "it accepts TLS only" in reason_of(f"{tls_database}?sslmode=disable")
    finally:
        rules.write_text(before)
        os.kill(int((tls_postgres.folder / "data" / "postmaster.pid").read_text().split()[0]), 1)
