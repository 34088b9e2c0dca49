"""The address of a PostgreSQL server becomes four databases."""

import pytest

from concord_cli.common.database_urls import server_urls
from concord_cli.common.errors import UsageError


def test_each_service_gets_a_database_of_its_own() -> None:
    urls = server_urls("postgresql+psycopg2://me:p%40ss@db:5433/?sslmode=require")
    assert urls["intake"] == "postgresql+psycopg2://me:p%40ss@db:5433/concord_intake?sslmode=require"
    assert {each.rpartition("/")[2].partition("?")[0] for each in urls.values()} == {
        "concord_intake",
        "concord_routing",
        "concord_notification",
        "concord_metrics",
    }


@pytest.mark.parametrize("wrong", ["postgresql://db/", "mysql://db/", "nonsense", "sqlite:///x.db"])
def test_another_kind_of_address(wrong: str) -> None:
    with pytest.raises(UsageError, match=r"--database must look like postgresql\+psycopg2://"):
        server_urls(wrong)


def test_a_database_is_not_to_be_named() -> None:
    with pytest.raises(UsageError, match="each service gets a database of its own"):
        server_urls("postgresql+psycopg2://db/concord")
