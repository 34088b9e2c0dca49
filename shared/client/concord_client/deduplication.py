"""Event ids that were handled before: a broker delivers at least once, and sometimes twice."""

from collections import OrderedDict
from typing import Protocol


class SeenIds(Protocol):
    """A place for ids. Keep them in your own database, in the transaction of the effect, to be exact across crashes:
    `add` may then do nothing, as the handler has written the id already."""

    def __contains__(self, event_id: str, /) -> bool: ...

    def add(self, event_id: str, /) -> None:
        """The event was handled, or is a dead letter; it is acknowledged after this returns."""


class SeenWindow:
    """The last `size` ids, in memory: forgotten when the process ends."""

    def __init__(self, size: int = 100_000) -> None:
        if size < 1:
            raise ValueError("SeenWindow: size from 1")
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
