"""What can go wrong for a subscriber. No text carries a value from a message: it may be personal."""


class BadMessage(Exception):
    """This message can never be handled. A handler may raise it too: the message is a dead letter at once, untried."""


class Refused(RuntimeError):
    """The broker refuses what this subscriber asks for, and would again. Remedy: in the text."""


class ContractsMissing(ImportError):
    """Typed messages need concord_contracts. Remedy: install `concord-client[typed]`, or read `event.data`."""
