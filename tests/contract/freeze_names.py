"""Adds names that are new to the listings in `frozen_names/`: `python -m tests.contract.freeze_names`.

A line that is there already is never removed: to give a name up on purpose, delete its line yourself.
Exit code: 0 when every listing agrees with the product, 1 when a frozen name is gone, which is printed.
"""

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from concord_nodes import PartMissing, PostgresNode

from .database_names import table_names
from .frozen_names import NAMES, POSTGRESQL, differences, frozen, listing
from .product import SERVICES


def add_new(kind: str, names: Iterable[str]) -> list[str]:
    """Add to the listing; the sentences about what is gone."""
    now, before = set(names), set(frozen(kind))
    if new := now - before:
        listing(kind).write_text("".join(f"{name}\n" for name in sorted(now | before)), "utf-8")
        print(f"froze {len(new)} names in frozen_names/{kind}.txt")
    return differences(kind, now)


def postgresql_names() -> list[str] | None:
    """The tables as a PostgreSQL server of our own has them; None where PostgreSQL is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        node = PostgresNode(Path(folder) / "postgres")
        try:
            node.start()
            return [name for service in SERVICES for name in table_names(service, node.create_database(service))]
        except PartMissing as missing:
            print(f"frozen_names/{POSTGRESQL}.txt stays as it is: {missing}", file=sys.stderr)
            return None
        finally:
            node.discard()


def main() -> int:
    gone = [sentence for kind, names in NAMES.items() for sentence in add_new(kind, names())]
    on_postgresql = postgresql_names()
    if on_postgresql is not None:
        gone += add_new(POSTGRESQL, on_postgresql)
    for sentence in gone:
        print(sentence, file=sys.stderr)
    return 1 if gone else 0


if __name__ == "__main__":
    sys.exit(main())
