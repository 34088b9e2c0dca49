"""Ids of handled events, because a broker delivers a message at least once, and sometimes twice."""

from collections import OrderedDict
from typing import Protocol


class SeenIds(Protocol):
    """A store for ids. For exactly one effect across crashes, use your own database.

    Your handler then writes the id in the transaction of the effect, and `add` may do nothing.
    """

    def __contains__(self, event_id: str, /) -> bool: ...

    def add(self, event_id: str, /) -> None:
        """Add a handled event or a dead letter. The subscriber acknowledges it after this returns."""


class SeenWindow:
    """The last `size` ids, in the memory of this process. Raises ValueError for a size below 1."""

    def __init__(self, size: int = 100_000) -> None:
        if size < 1:
            raise ValueError("SeenWindow: size must be 1 or more")
        self._size = size
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, event_id: str) -> None:
        self._ids[event_id] = None
        if len(self._ids) > self._size:
            self._ids.popitem(last=False)
