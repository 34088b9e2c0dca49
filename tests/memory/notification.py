"""Notification's store in memory: the tables of notices and of webhooks."""

from tests.memory.notices import MemoryNoticeStore
from tests.memory.webhooks import MemoryWebhookStore


class MemoryStore(MemoryNoticeStore):
    """The counterpart of `concord_notification.store.SqlStore`."""

    def __init__(self) -> None:
        super().__init__()
        self.webhooks = MemoryWebhookStore()
