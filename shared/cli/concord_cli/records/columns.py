"""The columns of a records file: which cell of a row is what, by a mapping. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from concord_cli.records.layout import Layout, folded
from concord_cli.records.mapping import ROLES, ColumnMapping
from concord_cli.records.rows import InvalidRecords, Note, OnNote, ignore

NO_CELL = -1
"""The index of an empty cell that each row gets at its end."""


@dataclass(frozen=True)
class Columns:
    """Indices of the cells of a row, and the names of these columns.

    `index` has every role; NO_CELL stands for one that the file lacks.
    """

    index: Mapping[str, int]
    name: Mapping[str, str]
    texts: tuple[int, ...]
    id_from: tuple[int, ...]
    time_parts: tuple[int, ...]


def find_columns(file: str, layout: Layout, mapping: ColumnMapping, hint: str, on_note: OnNote = ignore) -> Columns:
    """Return where each column is. Raises InvalidRecords, which names all that is missing or there twice."""
    finder = _Finder(layout)
    index = {role: at for role, names in mapping.columns.items() if (at := finder.first(names)) is not None}
    texts = finder.all(mapping.columns.get("text", ()))
    lists = finder.all(mapping.id_from), finder.all(mapping.time_parts)
    missing = [
        " or ".join(names)
        for role, names in mapping.columns.items()
        if role not in index and role not in mapping.optional and not (role == "id" and mapping.id_from)
    ]
    missing += [name for name in (*mapping.id_from, *mapping.time_parts) if finder.first((name,)) is None]
    if missing or finder.twice:
        raise InvalidRecords(_faults_of_head(file, layout, missing, finder.twice, hint))
    if absent := [" or ".join(mapping.columns[role]) for role in mapping.columns if role not in index]:
        on_note(Note(None, None, f"the file has no column {', no column '.join(absent)}"))
    name = {role: layout.head[at] for role, at in index.items()}
    return Columns(dict.fromkeys(ROLES, NO_CELL) | index, name, texts, *lists)


class _Finder:
    """Finds columns by name; a name in another spelling counts if the exact one is not there."""

    def __init__(self, layout: Layout) -> None:
        self._head = layout.head
        self._exact = {name: at for at, name in reversed(list(enumerate(layout.head))) if name}
        self._folded = {folded(name): at for at, name in reversed(list(enumerate(layout.head))) if name}
        self._counts = Counter(layout.head)
        self.twice: list[str] = []

    def first(self, names: Sequence[str]) -> int | None:
        for name in names:
            at = self._exact.get(name, self._folded.get(folded(name)))
            if at is not None:
                found = self._head[at]
                if self._counts[found] > 1 and found not in self.twice:
                    self.twice.append(found)
                return at
        return None

    def all(self, names: Sequence[str]) -> tuple[int, ...]:
        return tuple(at for name in names if (at := self.first((name,))) is not None)


def _faults_of_head(file: str, layout: Layout, missing: Sequence[str], twice: Sequence[str], hint: str) -> str:
    faults = []
    for name in twice:
        places = " and ".join(str(at + 1) for at, column in enumerate(layout.head) if column == name)
        faults.append(f"the columns {places} are both named {name}: rename all but one")
    if missing:
        found = ", ".join(name or f"(column {at} has no name)" for at, name in enumerate(layout.head, start=1))
        is_one = len(missing) == 1
        what = f"the column {missing[0]} is missing" if is_one else f"the columns {', '.join(missing)} are missing"
        faults.append(f"{what} (found: {found or 'no columns'}). {hint}")
    return f"{file} line {layout.head_line}: {'; '.join(faults).rstrip('. ')}."
