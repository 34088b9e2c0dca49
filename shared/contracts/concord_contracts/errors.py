"""What can be wrong with a message. No error text carries a value from the message: it may be personal."""


class BadMessage(Exception):
    """The message can never be read. Remedy: park it with this reason, body and headers as they came."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnwritableMessage(ValueError):
    """The writer broke its own contract. Remedy: mend the writer; nothing was published."""


class KeysMissing(ValueError):
    """A private message needs a key that this process was not given. Remedy: set the named variable."""
