"""Errors named for their remedy."""


class ParkMessage(Exception):
    """This message can never take effect: park it with this reason and go on with the others.

    The reason is shown to operators, so it says what is wrong without quoting anything personal.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ResourceUnavailable(Exception):
    """Something this service needs is away (database, disk): keep the messages, wait a little, try again."""

    def __init__(self, resource: str) -> None:
        super().__init__(resource)
        self.resource = resource


class UnsupportedDatabase(RuntimeError):
    """PostgreSQL would keep texts otherwise than in UTF-8. Remedy: make another database, as the text says."""

    def __init__(self) -> None:
        super().__init__("the database is not in UTF-8: make one with ENCODING 'UTF8' TEMPLATE template0")


class DatabaseUnavailable(ResourceUnavailable):
    """The service's own database cannot be reached or written."""

    def __init__(self, resource: str = "database") -> None:
        super().__init__(resource)
