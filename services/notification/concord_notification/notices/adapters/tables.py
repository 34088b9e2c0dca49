"""The tables of notices. They name no person: contacts and officer messages are ciphertext of the vault."""

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table, Text, false, text

from concord_bus.adapters.sql.column_types import UtcDateTime

metadata = MetaData()

HAS_CONTACT = text("contact_id IS NOT NULL")
OPEN = text("state IN ('due', 'sending')")
UNCERTAIN = text("uncertain")

concerns = Table(
    "concerns",
    metadata,
    Column("concern_id", Text, primary_key=True),
    Column("contact_id", Text),
    Column("contact_sequence", Integer),
    Column("language", Text),
    Column("sealed", Text),
    Column("given_at", UtcDateTime),
    Column("decided", Boolean, nullable=False, server_default=false()),
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
    Column("events", Integer, nullable=False, server_default=text("0")),
    Index("concerns_contact", "concern_id", sqlite_where=HAS_CONTACT, postgresql_where=HAS_CONTACT),
)

decisions = Table(
    "decisions",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("concern_id", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("traceparent", Text),
    Column("area", Text),
    Column("team", Text),
    Column("team_name", Text),
    Column("acknowledge_by", UtcDateTime),
    Column("respond_by", UtcDateTime),
    Column("reason", Text),
    Column("promise", Text),
    Column("due_at", UtcDateTime),
    Column("initiator", Text),
    Column("waiting", Boolean, nullable=False),
    Column("past", Boolean, nullable=False),
    Index("decisions_concern", "concern_id"),
)

words = Table(
    "words",
    metadata,
    Column("cause_id", Text, primary_key=True),
    Column("concern_id", Text, nullable=False),
    Column("sealed", Text, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("concern_id", Text, nullable=False),
    Column("contact_id", Text, nullable=False),
    Column("cause_id", Text, nullable=False),
    Column("notice", Text, nullable=False, server_default=text("'acknowledgement'")),
    Column("language", Text, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("uncertain", Boolean, nullable=False),
    Column("claim", Text),
    Column("failure", Text),
    Column("finished_at", UtcDateTime),
    Index("deliveries_concern", "concern_id"),
    Index("deliveries_state", "state", "due_at", "id"),
    Index("deliveries_open", "not_before", "id", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("deliveries_uncertain", "id", sqlite_where=UNCERTAIN, postgresql_where=UNCERTAIN),
)
