"""Refusals of the broker: its words, the message that they mean, and the remedy."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from concord_bus.domain.stored_messages import Outgoing

ACCESS_REFUSED, NOT_FOUND, PRECONDITION_FAILED = 403, 404, 406
_REMEDIES = {
    ACCESS_REFUSED: "run `concord topology apply`, which gives the service its permissions",
    NOT_FOUND: "run `concord topology apply`, which makes what is missing",
    PRECONDITION_FAILED: "raise the broker's max_message_size, or ask the developers why the message is so large",
}
_OTHER_REMEDY = "see the broker's log, and ask the developers"
_NAMES = re.compile(r"'([^']*)'")
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Destination:
    """The messages of an exchange whose routing keys begin with `prefix`. An empty prefix means all of them."""

    exchange: str
    prefix: str = ""

    def covers(self, row: Outgoing) -> bool:
        return row.exchange == self.exchange and row.routing_key.startswith(self.prefix)

    def __str__(self) -> str:
        return f"{self.prefix.rstrip('.')} on {self.exchange}" if self.prefix else f"everything on {self.exchange}"


def destination_of(row: Outgoing) -> Destination:
    """Return the destination of all messages of the same type: queues bind types, not single routing keys."""
    return Destination(row.exchange, f"{row.kind}.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The AMQP reply code and text with which the broker closed a channel."""

    code: int
    words: str

    @property
    def remedy(self) -> str:
        """The remedy for an operator, as the rest of a sentence."""
        return _REMEDIES.get(self.code, _OTHER_REMEDY)

    def scope(self, row: Outgoing) -> Destination | None:
        """Return the destination that the broker refuses together with `row`, or None if it refuses this row alone."""
        if self.code == NOT_FOUND:
            return Destination(row.exchange)
        if self.code == ACCESS_REFUSED:
            return destination_of(row) if "topic" in self.words else Destination(row.exchange)
        return None

    def culprit(self, rows: Sequence[Outgoing]) -> Outgoing | None:
        """Return the refused one of `rows`, which are in the order of sending. None if the words do not tell.

        The broker handles messages in order, so it is the first one that the words fit.
        """
        if len(rows) == 1:
            return rows[0]
        return next((row for row in rows if self._fits(row)), None)

    def _fits(self, row: Outgoing) -> bool:
        if self.code == PRECONDITION_FAILED:
            return str(len(row.body)) in _NUMBERS.findall(self.words)
        names = _NAMES.findall(self.words)
        return row.exchange in names and ("topic" not in self.words or row.routing_key in names)
