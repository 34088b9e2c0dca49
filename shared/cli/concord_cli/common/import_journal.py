"""A file with the concern id of each imported line, so that a later run skips it.

The file only saves time: intake accepts each line once, no matter how often it arrives. Losing the file or the end of
its last line loses no concern.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Self
from urllib.parse import quote


class Journal:
    """Lines of `line id <tab> concern id`. `known` holds the concern ids by line id."""

    def __init__(self, folder: Path, source: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = folder / f"{quote(source, safe=' .')}.tsv"
        self.known = _read(self._file)
        self._out = self._file.open("a", encoding="utf-8")

    def note(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Append `(line id, concern id)` pairs."""
        new = {line: concern for line, concern in pairs if self.known.get(line) != concern}
        self.known.update(new)
        if not self._out.closed:
            self._out.writelines(f"{line}\t{concern}\n" for line, concern in new.items())
            self._out.flush()

    def forget(self) -> None:
        """Empty the file: intake has none of these concerns."""
        self.known.clear()
        self._out.truncate(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    text = file.read_text("utf-8", errors="replace")
    if text and not text.endswith("\n"):
        text = text[: text.rfind("\n") + 1]
        file.write_text(text, "utf-8")
    pairs = (line.split("\t") for line in text.splitlines())
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
