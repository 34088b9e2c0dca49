"""Each client's share of the connections, and who makes room when no connection is free."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, Protocol, TypeVar

NEVER = float("inf")


class Held(Hashable, Protocol):
    """A connection, as the shares see it."""

    @property
    def holder(self) -> str | None:
        """The client that holds it; None for a client not known yet."""

    @property
    def waits_until(self) -> float:
        """When its wait for the client's bytes ends, monotonic seconds; infinite if it does not wait.

        To end such a connection loses nothing: no service method has its request yet.
        """


H = TypeVar("H", bound=Held)


class ConnectionShares(Generic[H]):
    """The connections of each client. `share` is the most for one client."""

    def __init__(self, share: int) -> None:
        self.share = share
        self._held: dict[str, set[H]] = {}

    def add(self, holder: str, connection: H) -> None:
        self._held.setdefault(holder, set()).add(connection)

    def remove(self, holder: str, connection: H) -> None:
        own = self._held[holder]
        own.discard(connection)
        if not own:
            del self._held[holder]

    def of(self, holder: str) -> Iterable[H]:
        """Return the connections of one client."""
        return self._held.get(holder, ())

    def is_full(self, holder: str) -> bool:
        """Return whether the client has its whole share."""
        return len(self._held.get(holder, ())) >= self.share

    def victim(self, connections: Iterable[H]) -> H | None:
        """Return the connection to end: of the client with most connections, the one that waits longest.

        Returns None if none waits for its client's bytes.
        """
        waiting = [connection for connection in connections if connection.waits_until < NEVER]
        return min(waiting, key=self._rank, default=None)

    def _rank(self, connection: H) -> tuple[int, float]:
        held = 0 if connection.holder is None else len(self._held.get(connection.holder, ()))
        return -held, connection.waits_until
