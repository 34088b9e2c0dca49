"""The tables of webhooks. Secrets and contacts are ciphertext of the vault."""

from sqlalchemy import Column, Index, MetaData, Table, Text, text

from concord_bus.adapters.sql.column_types import UtcDateTime
from concord_bus.adapters.sql.record_columns import columns_of
from concord_notification.webhooks.domain.delivery import Delivery
from concord_notification.webhooks.domain.endpoint import Endpoint
from concord_notification.webhooks.ports import QueuedEvent

metadata = MetaData()

DUE = text("state = 'due'")

endpoints = Table(
    "webhook_endpoints",
    metadata,
    *columns_of(Endpoint, key=["id"], without=["grant"]),
    Column("types", Text, nullable=False),
    Column("areas", Text),
    Column("categories", Text),
    Column("claim", Text),
    Column("claimed_until", UtcDateTime),
    Index("webhook_endpoints_name", "name", unique=True),
)

events = Table(
    "webhook_events",
    metadata,
    *columns_of(QueuedEvent, key=["id"]),
    Index("webhook_events_queued", "queued_at"),
)

deliveries = Table(
    "webhook_deliveries",
    metadata,
    *columns_of(Delivery, key=["endpoint_id", "event_id"]),
    Index("webhook_deliveries_due", "endpoint_id", "not_before", sqlite_where=DUE, postgresql_where=DUE),
    Index("webhook_deliveries_listed", "endpoint_id", "state", "queued_at", "event_id"),
    Index("webhook_deliveries_event", "event_id"),
    Index("webhook_deliveries_finished", "state", "finished_at"),
)
