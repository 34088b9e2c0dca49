"""Errors of subscribers. No text has a value from a message, because it may be personal."""


class BadMessage(Exception):
    """A message that no retry can help. A handler may raise it too: the message becomes a dead letter at once."""


class Refused(RuntimeError):
    """The broker refuses a request of this subscriber permanently. The text says what to do."""


class ContractsMissing(ImportError):
    """Typed messages need concord_contracts: install `concord-client[typed]`, or read `event.data`."""
