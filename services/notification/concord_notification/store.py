"""The service's store: the tables of notices and of webhooks on one connection."""

from sqlalchemy.engine import Connection

from concord_notification.notices.adapters import tables as notices
from concord_notification.notices.adapters.repository import SqlNoticeStore
from concord_notification.webhooks.adapters import tables as webhooks
from concord_notification.webhooks.adapters.repository import SqlWebhookStore

TABLES = (*notices.metadata.tables, *webhooks.metadata.tables)


class SqlStore(SqlNoticeStore):
    """The store on SQLite or PostgreSQL."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.webhooks = SqlWebhookStore(connection)
