"""The domain errors that intake's use cases raise."""


class ConcernNotFound(Exception):
    """The concern does not exist, or the receipt is not its receipt."""


class ConcernFinished(Exception):
    """The concern is resolved, declined or closed: the reporter cannot withdraw it."""


class ConcernNotOpen(Exception):
    """Nobody works on the concern: the reporter cannot add to it."""


class NothingToJudge(Exception):
    """The concern has no resolution that the reporter can still give feedback on."""


class NoMailsToStop(Exception):
    """No mails go to the reporter."""


class IdempotencyKeyReused(Exception):
    """A different request used this idempotency key before."""


class LinkedConcernNotFound(ConcernNotFound):
    """The concern of a link does not exist."""


class AlreadyAnswered(Exception):
    """The reporter has answered for this resolution before, and not the same."""
