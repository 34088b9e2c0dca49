"""Errors named for their remedy."""


class Park(Exception):
    """This message can never take effect: park it with this reason and go on with the others.

    The reason is shown to operators, so it says what is wrong without quoting anything personal.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SlowDown(Exception):
    """Something this service needs is away (database, disk): keep the messages, wait a little, try again."""

    def __init__(self, resource: str) -> None:
        super().__init__(resource)
        self.resource = resource


class StoreAway(SlowDown):
    """The service's own database cannot be reached or written."""

    def __init__(self, resource: str = "database") -> None:
        super().__init__(resource)
