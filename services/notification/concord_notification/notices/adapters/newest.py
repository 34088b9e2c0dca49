"""Bulk writing where the newer of two wins, whichever comes first."""

from collections.abc import Sequence

from sqlalchemy import Table

from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict


class KeepNewest(Bulk):
    """Inserts rows, or replaces what is older by `newness`: columns compared one after the other.

    A row in which the first of them is null has nothing yet and is always filled. The same rule as
    `domain.concern.newer`.
    """

    def __init__(self, table: Table, columns: Sequence[str], key: str, newness: Sequence[str]) -> None:
        super().__init__(table, columns, (key,), OnConflict.REPLACE)
        self._newness = newness

    def _conflict(self) -> str:
        name = self._table.name
        old = ", ".join(f'"{name}"."{each}"' for each in self._newness)
        new = ", ".join(f'excluded."{each}"' for each in self._newness)
        return super()._conflict() + f' WHERE "{name}"."{self._newness[0]}" IS NULL OR ({new}) > ({old})'
