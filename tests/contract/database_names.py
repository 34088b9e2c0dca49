"""The services' databases as listings: what their migrations make, and the migrations themselves in order.

Lines are, for example, `routing cases column case_id VARCHAR(40) not null` and `routing 2 0002 after 0001`.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import Inspector, create_engine, inspect, text

from .described_services import descriptions
from .product import SHARED_MIGRATIONS, alembic_config, upgrade

TRIGGERS = {
    "sqlite": "SELECT DISTINCT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT DISTINCT event_object_table, trigger_name FROM information_schema.triggers",
}


def migration_names() -> Iterator[str]:
    packages = {service: description["package"] for service, description in descriptions().items()}
    for owner, package in {**packages, "every service": SHARED_MIGRATIONS}.items():
        scripts = ScriptDirectory.from_config(alembic_config(package))
        for number, script in enumerate(reversed(list(scripts.walk_revisions())), 1):
            yield f"{owner} {number} {script.revision} after {script.down_revision or 'nothing'}"


def sqlite_names() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        for service in descriptions():
            yield from table_names(service, f"sqlite:///{Path(folder) / service}.db")


def table_names(service: str, url: str) -> Iterator[str]:
    """What the migrations of a service make of the empty database at `url`."""
    upgrade(url, descriptions()[service]["package"])
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            inspector = inspect(connection)
            for table in inspector.get_table_names():
                for line in _table(inspector, table):
                    yield f"{service} {table} {line}"
            for table, trigger in connection.execute(text(TRIGGERS[engine.dialect.name])):
                yield f"{service} {table} trigger {trigger}"
    finally:
        engine.dispose()


def _table(inspector: Inspector, table: str) -> Iterator[str]:
    for column in inspector.get_columns(table):
        kind = column["type"].compile(inspector.bind.dialect)
        null = "null" if column["nullable"] else "not null"
        default = f" default {column['default']}" if column["default"] is not None else ""
        yield f"column {column['name']} {kind} {null}{default}"
    yield f"primary key {_columns(inspector.get_pk_constraint(table)['constrained_columns'])}"
    for key in inspector.get_foreign_keys(table):
        target = f"{key['referred_table']} {_columns(key['referred_columns'])}"
        yield f"foreign key {_columns(key['constrained_columns'])} to {target} {_options(key.get('options'))}".rstrip()
    for unique in inspector.get_unique_constraints(table):
        yield f"unique {unique['name'] or 'unnamed'} {_columns(unique['column_names'])}"
    for check in inspector.get_check_constraints(table):
        yield f"check {check['name'] or 'unnamed'} {' '.join(str(check['sqltext']).split())}"
    for index in inspector.get_indexes(table):
        unique_index = "unique index" if index["unique"] else "index"
        columns = _columns(index.get("expressions") or index["column_names"])
        yield f"{unique_index} {index['name']} {columns} {_options(index.get('dialect_options'))}".rstrip()


def _columns(names: Any) -> str:
    return f"({', '.join(str(name) for name in names)})"


def _options(options: Any) -> str:
    settings = {name: value for name, value in (options or {}).items() if value not in (None, [], {})}
    return " ".join(f"{name}={value}" for name, value in sorted(settings.items()))
