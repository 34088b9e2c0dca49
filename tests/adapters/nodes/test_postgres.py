"""A private PostgreSQL server, and the databases that tests get from it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from concord_nodes import NodeError, PostgresNode
from concord_nodes.tcp_ports import free_port


@pytest.fixture
def own(parts_folder: Path, postgres: PostgresNode) -> Iterator[PostgresNode]:
    node = PostgresNode(parts_folder / "postgres-own")
    try:
        yield node.start()
    finally:
        node.discard()


def run(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def ask(url: str, question: str) -> object:
    engine = create_engine(url)
    with engine.connect() as connection:
        answer: object = connection.execute(text(question)).scalar()
    engine.dispose()
    return answer


def test_committed_rows_survive_kill_and_stop(own: PostgresNode) -> None:
    url = own.create_database("kept")
    run(url, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1)")
    own.kill()
    assert not own.alive
    own.start()
    assert own.url("kept") == url
    run(url, "INSERT INTO kept VALUES (2)")
    own.restart()
    assert ask(url, "SELECT sum(n) FROM kept") == 3


def test_it_is_durable_and_asks_for_the_password(own: PostgresNode) -> None:
    assert ask(own.url(), "SHOW fsync") == "on"
    assert ask(own.url(), "SHOW listen_addresses") == "127.0.0.1"
    wrong = own.url().replace(own.url().split(":")[2].split("@")[0], "wrong")
    with pytest.raises(Exception, match="password authentication failed"):
        ask(wrong, "SELECT 1")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)), pytest.raises(NodeError, match=f"Port {port} .* is taken"):
        PostgresNode(tmp_path, port=port).start()


def test_a_test_gets_an_empty_database(databases: str) -> None:
    run(databases, "CREATE TABLE mine (n int)", "INSERT INTO mine VALUES (1)")
    assert ask(databases, "SELECT count(*) FROM mine") == 1


def test_another_test_sees_nothing_of_it(databases: str) -> None:
    with pytest.raises(Exception, match=r"no such table|does not exist"):
        ask(databases, "SELECT count(*) FROM mine")
