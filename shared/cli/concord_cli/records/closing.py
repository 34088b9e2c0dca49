"""When a record was closed, from its closing time, its status and its last change. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from concord_cli.records.moments import Moment


class NoClosingTime(ValueError):
    """The status says closed, but no cell says when."""


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word.casefold().strip() for word in words)


@dataclass(frozen=True)
class StatusWords:
    """Words of a status. `without_time` says what a closed record without a closing time is: refuse, opening, open."""

    closed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    without_time: str = "refuse"
    _closed: frozenset[str] = field(init=False, repr=False)
    _open: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_closed", _folded(self.closed))
        object.__setattr__(self, "_open", _folded(self.open))

    def is_closed(self, status: str) -> bool:
        return status.casefold() in self._closed

    def is_open(self, status: str) -> bool:
        return status.casefold() in self._open

    def closing(
        self, status: str, closed: Moment | None, updated: Moment | None, opened: Moment | None
    ) -> Moment | None:
        """Return when the record was closed, None if it is open. Raises NoClosingTime.

        A word for open counts more than a closing time: the city has opened the record again.
        """
        if self.is_open(status):
            return None
        if closed or not self.is_closed(status):
            return closed
        if updated:
            return updated
        if self.without_time == "refuse":
            raise NoClosingTime(
                f"'{status}' means closed, but no closing time is there; add it, or set closed_without_time"
            )
        return opened if self.without_time == "opening" else None
