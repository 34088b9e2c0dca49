"""The domain errors that intake's use cases raise."""


class ConcernNotFound(Exception):
    """The concern does not exist, or the receipt is not its receipt."""


class ConcernFinished(Exception):
    """The concern is resolved, declined or closed: the reporter cannot withdraw it."""


class IdempotencyKeyReused(Exception):
    """A different request used this idempotency key within the last day."""


class LinkedConcernNotFound(ConcernNotFound):
    """The concern of a feedback link does not exist."""


class AlreadyAnswered(Exception):
    """The reporter has answered for this resolution before."""
