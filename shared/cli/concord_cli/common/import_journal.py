"""Which concern each line of an import became, kept in a file so that a later run need not ask again.

It is a note, not the truth: intake takes a line in once however often it is sent. So nothing is lost when the file is,
or when its last line was cut short.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote


class Journal:
    """Lines of `line id <tab> concern id`, appended."""

    def __init__(self, folder: Path, source: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = folder / f"{quote(source, safe=' .')}.tsv"
        self._known = _read(self._file)
        self._out = self._file.open("a", encoding="utf-8")

    @property
    def known(self) -> Mapping[str, str]:
        """Concern ids by line id."""
        return self._known

    def note(self, answers: Iterable[tuple[str, str]]) -> None:
        """Keep `(line id, concern id)` pairs."""
        new = {line: concern for line, concern in answers if self._known.get(line) != concern}
        self._known.update(new)
        if not self._out.closed:
            self._out.writelines(f"{line}\t{concern}\n" for line, concern in new.items())
            self._out.flush()

    def forget(self) -> None:
        """Begin anew: intake knows nothing of what is noted here."""
        self._known.clear()
        self._out.truncate(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._out.close()


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    whole = file.read_text("utf-8", errors="replace")
    if whole and not whole.endswith("\n"):
        whole = whole[: whole.rfind("\n") + 1]
        file.write_text(whole, "utf-8")
    pairs = (line.split("\t") for line in whole.splitlines())
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
