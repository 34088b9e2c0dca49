"""The errors of the bus, each with its remedy."""


class ParkMessage(Exception):
    """The message can never take effect: park it with this reason and continue with the others.

    Operators read the reason, so it explains the problem without quoting personal data.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ResourceUnavailable(Exception):
    """A resource of this service (database, disk) does not respond: keep the messages, wait, try again."""

    def __init__(self, resource: str) -> None:
        super().__init__(resource)
        self.resource = resource


class UnsupportedDatabase(RuntimeError):
    """The PostgreSQL database has another encoding than UTF-8. Remedy: create a new one, as the text says."""

    def __init__(self) -> None:
        super().__init__("the database is not in UTF-8: make one with ENCODING 'UTF8' TEMPLATE template0")


class IncompatibleSchema(RuntimeError):
    """A newer version has migrated the database, and this one cannot work on it. The text says what to do."""


class SchemaNotReady(Exception):
    """This version needs a newer schema, and another process is to migrate it. Remedy: wait."""


class DatabaseUnavailable(ResourceUnavailable):
    """The service's own database cannot be read or written. `problem` completes "the database ..."."""

    def __init__(self, problem: str = "cannot be reached") -> None:
        super().__init__("database")
        self.problem = problem
