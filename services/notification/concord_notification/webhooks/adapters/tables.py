"""The tables of webhooks. Secrets and contacts are ciphertext of the vault."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table, Text, text

from concord_bus.adapters.sql.column_types import UtcDateTime

metadata = MetaData()

DUE = text("state = 'due'")

endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("types", Text, nullable=False),
    Column("areas", Text),
    Column("categories", Text),
    Column("sealed", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text),
    Column("disabled_at", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("rest_until", UtcDateTime),
    Column("told_at", UtcDateTime),
    Column("claim", Text),
    Column("claimed_until", UtcDateTime),
    Index("webhook_endpoints_name", "name", unique=True),
)

events = Table(
    "webhook_events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Index("webhook_events_queued", "queued_at"),
)

deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("endpoint_id", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("event_type", Text, nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failure", Text),
    Column("result", Text),
    Column("finished_at", UtcDateTime),
    Index("webhook_deliveries_due", "endpoint_id", "not_before", sqlite_where=DUE, postgresql_where=DUE),
    Index("webhook_deliveries_listed", "endpoint_id", "state", "queued_at", "event_id"),
    Index("webhook_deliveries_event", "event_id"),
    Index("webhook_deliveries_finished", "state", "finished_at"),
)
