"""Names that others rely on stay as they are: a removal fails, an addition changes a listing in the same commit."""

import pytest

from .database_names import table_names
from .frozen_names import NAMES, POSTGRESQL, differences, frozen
from .product import SERVICES


def check(kind: str, names: list[str]) -> None:
    assert names, f"no name of the kind {kind} was found: its reader in tests/contract looks in the wrong place"
    different = differences(kind, names)
    if different:
        pytest.fail("\n".join(different), pytrace=False)


@pytest.mark.parametrize("kind", NAMES)
def test_names_are_those_of_the_listing(kind: str) -> None:
    check(kind, list(NAMES[kind]()))


def test_tables_on_postgresql_are_those_of_the_listing(request: pytest.FixtureRequest) -> None:
    node = request.getfixturevalue("postgres")
    names: list[str] = []
    for service in SERVICES:
        database = f"frozen_{service}"
        try:
            names += table_names(service, node.create_database(database))
        finally:
            node.drop_database(database)
    check(POSTGRESQL, names)


@pytest.mark.parametrize("kind", [*NAMES, POSTGRESQL])
def test_a_name_that_is_gone_or_new_is_reported(kind: str) -> None:
    names = frozen(kind)
    gone, *others = names
    assert differences(kind, names) == []
    removed, added = differences(kind, [*others, "something new"])
    assert removed.startswith(f"Removed or changed: {gone}. Others rely on it: put it back.")
    assert added.startswith("Not in the listing: something new.")
    assert "python -m tests.contract.freeze_names" in added


@pytest.mark.parametrize("kind", [*NAMES, POSTGRESQL])
def test_listings_are_sorted_without_repetition(kind: str) -> None:
    assert frozen(kind) == sorted(set(frozen(kind)))
