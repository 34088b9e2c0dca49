"""The last release works on this schema: nothing that it uses is taken away in the release that stops using it."""

from .product import SERVICES, service_package
from .released_schema import (
    Column,
    Revision,
    columns_in_use,
    contractions,
    migrated_columns,
    read,
    revisions,
    undeclared,
)


def test_the_last_release_finds_all_that_it_uses_on_this_schema() -> None:
    used = read("columns")
    now = [column for service in SERVICES for column in migrated_columns(service)]
    assert list(contractions(used, now)) == []


def test_each_new_migration_declares_the_last_release_compatible() -> None:
    packages = {service: service_package(service) for service in SERVICES}
    assert list(undeclared(read("revisions"), list(revisions(packages)))) == []


def test_the_code_uses_only_what_its_migrations_make() -> None:
    for service in SERVICES:
        made = {column.line for column in migrated_columns(service)}
        assert set(columns_in_use(service)) <= made


def test_a_column_dropped_in_the_release_that_stops_using_it_is_found() -> None:
    used = ["routing cases case_id", "routing cases promise"]
    [sentence] = contractions(used, [Column("routing", "cases", "case_id")])
    assert sentence.startswith("routing cases promise is gone, and the last release uses it")


def test_a_new_column_that_older_code_cannot_fill_is_found() -> None:
    now = [Column("routing", "cases", name, needs_value=True) for name in ("case_id", "priority")]
    new_table = Column("routing", "priorities", "id", needs_value=True)
    [sentence] = contractions(["routing cases case_id"], [*now, new_table])
    assert sentence.startswith("routing cases priority needs a value")
    assert list(contractions(["routing cases case_id"], [now[0], Column("routing", "cases", "priority")])) == []


def test_a_new_revision_without_a_declaration_or_with_that_of_an_unreleased_one_is_found() -> None:
    released = ["routing 0004", "routing 0005"]
    old = Revision("routing", "0005", None)
    assert list(undeclared(released, [old, Revision("routing", "0006", "0005")])) == []
    for wrong in (None, "0006"):
        [sentence] = undeclared(released, [old, Revision("routing", "0007", wrong)])
        assert sentence.startswith("routing 0007: declare works_from = '0005'")
