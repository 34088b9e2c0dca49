"""The baseline: files and folders that still await rewriting. It only ever shrinks."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from prose.fragments import Finding

_HEADER = (
    '# Paths whose prose still awaits rewriting; a folder ends in "/". Take a path off the list once it is clean.\n'
)


@dataclass(frozen=True, slots=True)
class Baseline:
    """`name` is how findings name the list; `entries` are its lines with their line numbers."""

    name: str
    entries: Sequence[tuple[int, str]] = ()

    @classmethod
    def read(cls, name: str, path: Path) -> "Baseline":
        """Raises OSError for a file without read permission."""
        lines = enumerate(path.read_text("utf-8").splitlines(), start=1)
        rows = ((number, line.partition("#")[0].strip()) for number, line in lines)
        return cls(name, [(number, entry) for number, entry in rows if entry])

    def exempts(self, path: str) -> bool:
        return any(_covers(entry, path) for _, entry in self.entries)

    def stale(self, checked: Collection[str], failing: Collection[str], *, whole: bool) -> Iterator[Finding]:
        """Entries to take off: a clean file, a folder of clean files, a path that does not exist.

        Unless `checked` is the `whole` repository, only entries that name a checked file can be stale.
        """
        for line, entry in self.entries:
            if not whole and entry not in checked:
                continue
            covered = [path for path in checked if _covers(entry, path)]
            if not any(path in failing for path in covered):
                what = "is clean" if covered else "does not exist"
                yield Finding(self.name, line, "baseline", f"{entry} {what}: take it off the list")


def write_baseline(path: Path, failing: Collection[str]) -> None:
    """Replace the list by the files that fail now, one a line."""
    path.write_text(_HEADER + "".join(f"{name}\n" for name in sorted(failing)), "utf-8")


def _covers(entry: str, path: str) -> bool:
    return path == entry or (entry.endswith("/") and path.startswith(entry))
