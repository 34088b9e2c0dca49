"""Errors of messages. No error text has a value from the message, because it may be personal."""


class BadMessage(Exception):
    """A message that no retry can make readable. Park it unchanged, with `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnwritableMessage(ValueError):
    """A message that does not match its contract. Nothing was published: correct the code that made it."""


class KeysMissing(ValueError):
    """This process lacks the key for a private message. Set the environment variable that the text names."""
